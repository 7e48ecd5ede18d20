package natsgen

import (
	"sync"
	"time"
)

// reservedBytes is the size that a reserved place adds to the limit of bytes.
const reservedBytes = 65_536

// stall is the time after which a server counts as saturated if requests are ready and none was started.
const stall = time.Second

// Saturation is the reason why a server is saturated: it refuses requests, or soon will.
type Saturation string

// Reasons of saturation.
const (
	// SaturatedQueue says that at least 7/8 of the queue is taken.
	SaturatedQueue Saturation = "queue"

	// SaturatedBytes says that the queued and running requests take at least 7/8 of the limit of bytes.
	SaturatedBytes Saturation = "bytes"

	// SaturatedHandlers says that requests are ready to run, and none has started for more than 1 s.
	SaturatedHandlers Saturation = "handlers"
)

// limits are the limits of a server.
type limits struct {
	concurrency, queue, perKey, reserve, bytes int
}

// job is a request that waits or runs.
type job struct {
	requestContext

	route   *route
	data    []byte
	inbox   string
	key     string
	name    dedupKey
	begin   time.Time
	size    int
	hasKey  bool
	hasName bool

	// The schedule guards the following members.
	isAnswered bool
	isQueued   bool
}

func (j *job) isControl() bool { return j.route.operation.Control }

// schedule determines the order of requests. Requests with the same ordering key run in the order of their arrival, all
// others in parallel. Control requests have reserved places and overtake the requests with their key.
type schedule struct {
	limits limits

	mutex   sync.Mutex
	control []*job
	ready   []*job
	// lanes contains the ordering keys of all jobs that are ready or run.
	lanes   map[string]*lane
	running int
	waiting int
	bytes   int
	// progress is when a job was started last, or became ready while no other job was ready.
	progress time.Time
	idle     chan struct{} // closed when nothing runs or waits; nil if nobody waits for that

	isPaused bool
}

// lane contains the jobs of an ordering key.
type lane struct {
	running *job
	behind  []*job
}

// admission is the consequence of adding a job.
type admission struct {
	// fault says why the job was refused.
	fault *FaultKind

	// start says that the job runs now.
	start bool

	expired   []*job
	cancelled []*job

	// overtaken is the running job that the control job waits for.
	overtaken *job
}

func (s *schedule) admit(j *job, now time.Time) admission {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var a admission
	if a.fault = s.check(j); a.fault != nil {
		a.expired = s.remove(func(other *job) bool { return !now.Before(other.deadline) })
		if a.fault = s.check(j); a.fault != nil {
			return a
		}
	}
	var l *lane
	if j.hasKey {
		l = s.lanes[j.key]
		if l != nil && j.isControl() {
			a.cancelled = s.remove(func(other *job) bool {
				return other.hasKey && other.key == j.key && !other.isControl()
			})
			if l = s.lanes[j.key]; l != nil && l.running != nil && !l.running.isControl() {
				a.overtaken = l.running
			}
		}
	}
	s.bytes += j.size
	if j.hasKey && l != nil {
		s.waiting++
		l.behind = append(l.behind, j)
		return a
	}
	if j.hasKey {
		s.lanes[j.key] = new(lane)
	}
	if s.hasPlace(j) {
		s.begin(j)
		a.start = true
		return a
	}
	s.waiting++
	s.makeReady(j)
	return a
}

// check returns the fault if there is no room for a job. A job without other jobs has room in any case.
func (s *schedule) check(j *job) *FaultKind {
	requests, bytes := s.limits.concurrency+s.limits.queue, s.limits.bytes
	if j.isControl() {
		requests += s.limits.reserve
		bytes += s.limits.reserve * reservedBytes
	}
	present := s.running + s.waiting
	if present >= requests || (present > 0 && s.bytes+j.size > bytes) {
		return Overloaded
	}
	l := s.lanes[j.key]
	if !j.hasKey || l == nil {
		return nil
	}
	count, size := 0, 0
	for _, other := range l.behind {
		// A control request removes the other requests.
		if other.isControl() || !j.isControl() {
			count++
			size += other.size
		}
	}
	perKey := s.limits.bytes / max(s.limits.queue/s.limits.perKey, 1)
	if count > 0 && (count >= s.limits.perKey || size+j.size > perKey) {
		return KeyOverloaded
	}
	return nil
}

func (s *schedule) hasPlace(j *job) bool {
	if s.isPaused {
		return false
	}
	if j.isControl() {
		return s.running < s.limits.concurrency+s.limits.reserve
	}
	return s.running < s.limits.concurrency && len(s.ready) == 0
}

func (s *schedule) begin(j *job) {
	s.running++
	if len(s.ready)+len(s.control) > 0 {
		s.progress = time.Now()
	}
	if j.hasKey {
		s.lanes[j.key].running = j
	}
}

func (s *schedule) makeReady(j *job) {
	if len(s.ready)+len(s.control) == 0 {
		s.progress = time.Now()
	}
	if j.isControl() {
		s.control = append(s.control, j)
	} else {
		s.ready = append(s.ready, j)
	}
}

// finish completes a job and returns the next that runs; nil if there is none.
func (s *schedule) finish(j *job) *job {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.running--
	s.bytes -= j.size
	s.leave(j)
	next := s.next()
	if s.running == 0 && s.waiting == 0 && s.idle != nil {
		close(s.idle)
		s.idle = nil
	}
	return next
}

// leave lets the next job with the key of a running job begin.
func (s *schedule) leave(j *job) {
	if !j.hasKey {
		return
	}
	if l := s.lanes[j.key]; l != nil && l.running == j {
		s.advance(j.key, l)
	}
}

func (s *schedule) advance(key string, l *lane) {
	l.running = nil
	if len(l.behind) == 0 {
		delete(s.lanes, key)
		return
	}
	j := l.behind[0]
	l.behind = l.behind[1:]
	s.makeReady(j)
}

// next takes the next job that may run.
func (s *schedule) next() *job {
	var j *job
	switch {
	case s.isPaused:
		return nil
	case len(s.control) > 0 && s.running < s.limits.concurrency+s.limits.reserve:
		j, s.control = s.control[0], s.control[1:]
	case len(s.ready) > 0 && s.running < s.limits.concurrency:
		j, s.ready = s.ready[0], s.ready[1:]
	default:
		return nil
	}
	s.waiting--
	j.isQueued = true
	s.begin(j)
	return j
}

// take is like next, for a new goroutine.
func (s *schedule) take() *job {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.next()
}

func (s *schedule) pause(isPaused bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.isPaused = isPaused
}

// answer reports whether the caller must answer the job: nobody else has answered it.
func (s *schedule) answer(j *job) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if j.isAnswered {
		return false
	}
	j.isAnswered = true
	return true
}

// abort ends a running job for its key. It returns false if the job has been answered.
func (s *schedule) abort(j *job) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if j.isAnswered {
		return false
	}
	j.isAnswered = true
	s.leave(j)
	return true
}

// clear removes all jobs that wait.
func (s *schedule) clear() []*job {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.remove(func(*job) bool { return true })
}

// remove removes jobs that wait.
func (s *schedule) remove(isMeant func(*job) bool) []*job {
	var removed []*job
	extract := func(jobs []*job) []*job {
		kept := jobs[:0:0]
		for _, j := range jobs {
			if isMeant(j) {
				removed = append(removed, j)
			} else {
				kept = append(kept, j)
			}
		}
		if len(kept) == len(jobs) {
			return jobs
		}
		return kept
	}
	for _, l := range s.lanes {
		l.behind = extract(l.behind)
	}
	behind := len(removed)
	s.ready = extract(s.ready)
	s.control = extract(s.control)
	for _, j := range removed[behind:] {
		if l := s.lanes[j.key]; j.hasKey && l != nil {
			s.advance(j.key, l)
		}
	}
	for _, j := range removed {
		s.waiting--
		s.bytes -= j.size
		j.isAnswered = true
	}
	return removed
}

// settled returns a channel that is closed when nothing runs or waits.
func (s *schedule) settled() <-chan struct{} {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.running == 0 && s.waiting == 0 {
		done := make(chan struct{})
		close(done)
		return done
	}
	if s.idle == nil {
		s.idle = make(chan struct{})
	}
	return s.idle
}

func (s *schedule) load() (running, waiting int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.running, s.waiting
}

// saturation returns the reason why the server is saturated; empty if it is not.
func (s *schedule) saturation() Saturation {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	isAlmost := func(part, whole int) bool { return part > 0 && part >= whole-whole/8 }
	switch {
	case s.isPaused:
		return ""
	case len(s.ready)+len(s.control) > 0 && time.Since(s.progress) > stall:
		return SaturatedHandlers
	case isAlmost(s.waiting, s.limits.queue):
		return SaturatedQueue
	case isAlmost(s.bytes, s.limits.bytes) && s.running+s.waiting > 1:
		return SaturatedBytes
	default:
		return ""
	}
}

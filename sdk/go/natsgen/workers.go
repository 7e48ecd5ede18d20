package natsgen

import "sync"

// maxIdle is the number of goroutines that wait for further requests.
const maxIdle = 256

// workers are the goroutines of a server. They are reused, because a new goroutine grows its stack for each request.
type workers struct {
	mutex     sync.Mutex
	idle      []chan *job
	isStopped bool
}

// start runs a job.
func (w *workers) start(s *Server, j *job) {
	w.mutex.Lock()
	if last := len(w.idle) - 1; last >= 0 {
		next := w.idle[last]
		w.idle = w.idle[:last]
		w.mutex.Unlock()
		next <- j
		return
	}
	w.mutex.Unlock()
	go w.run(s, j)
}

func (w *workers) run(s *Server, j *job) {
	next := make(chan *job, 1)
	for j != nil {
		s.work(j)
		w.mutex.Lock()
		if w.isStopped || len(w.idle) >= maxIdle {
			w.mutex.Unlock()
			return
		}
		w.idle = append(w.idle, next)
		w.mutex.Unlock()
		j = <-next
	}
}

// stop ends the goroutines that wait.
func (w *workers) stop() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.isStopped = true
	for _, next := range w.idle {
		close(next)
	}
	w.idle = nil
}

package natsgen

import (
	cryptorand "crypto/rand"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

// pending are the calls that wait for their replies.
type pending struct {
	mutex sync.Mutex
	calls map[uint64]*waiting
	order uint64

	// denials are the numbers of refused requests by subject, until they are attributed to calls.
	denials map[string]int
}

// waiting is a call that waits. It is reused for later calls.
type waiting struct {
	answer chan answer
	timer  *time.Timer

	subject string
	order   uint64
}

// answer ends a call: a message, or an error with its phase.
type answer struct {
	message transport.Message
	err     error
	phase   Phase
}

var waitingCalls = sync.Pool{New: func() any {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return &waiting{answer: make(chan answer, 1), timer: timer}
}}

// enter adds a call. Its number is random, so that a peer that knows some numbers cannot answer other calls.
func (p *pending) enter(subject string) (uint64, *waiting) {
	w := waitingCalls.Get().(*waiting)
	w.subject = subject
	number := rand.Uint64()
	p.mutex.Lock()
	p.order++
	w.order = p.order
	p.calls[number] = w
	p.mutex.Unlock()
	return number, w
}

// leave removes a call. If its answer has arrived in the meantime, leave returns it.
func (p *pending) leave(number uint64, w *waiting) (answer, bool) {
	p.mutex.Lock()
	_, ok := p.calls[number]
	delete(p.calls, number)
	p.mutex.Unlock()
	if ok {
		return answer{}, false
	}
	return <-w.answer, true
}

func (p *pending) end(number uint64, a answer) {
	p.mutex.Lock()
	w, ok := p.calls[number]
	if ok {
		delete(p.calls, number)
		// The channel has room for the only answer.
		w.answer <- a
	}
	p.mutex.Unlock()
}

// receive ends the call that a reply belongs to.
func (p *pending) receive(m transport.Message) {
	token := m.Subject[strings.LastIndexByte(m.Subject, '.')+1:]
	number, err := strconv.ParseUint(token, 16, 64)
	if err != nil || len(token) != tokenLength {
		number = 0
	}
	p.end(number, answer{message: m})
}

// NotSent ends a call whose request was not sent.
func (p *pending) NotSent(number uint64, err error) { p.end(number, answer{err: err, phase: NotSent}) }

// endAll ends all calls that satisfy isMeant, or all calls if it is nil.
func (p *pending) endAll(a answer, isMeant func(*waiting) bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for number, w := range p.calls {
		if isMeant == nil || isMeant(w) {
			delete(p.calls, number)
			w.answer <- a
		}
	}
}

func (p *pending) size() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return len(p.calls)
}

// deny handles the denial of a request to a subject. The server does not name the request. It returns true if the
// caller must attribute the denials to calls.
func (p *pending) deny(subject string) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.denials == nil {
		p.denials = make(map[string]int)
	}
	p.denials[subject]++
	return p.denials[subject] == 1
}

// newest returns the position of the newest call.
func (p *pending) newest() uint64 {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.order
}

// attribute ends the calls to a subject up to the position newest, which were sent before a flush. They were not sent if
// there are as many denials. It returns true if there are denials of later calls.
func (p *pending) attribute(subject string, newest uint64, isFlushed bool) bool {
	p.mutex.Lock()
	suspects, later := 0, 0
	for _, w := range p.calls {
		switch {
		case w.subject != subject:
		case w.order <= newest:
			suspects++
		default:
			later++
		}
	}
	count := p.denials[subject]
	isMore := count > suspects && later > 0
	if isMore {
		p.denials[subject] = count - suspects
	} else {
		delete(p.denials, subject)
	}
	p.mutex.Unlock()
	a := answer{err: ErrPerhapsDenied, phase: NoAnswer}
	if isFlushed && count >= suspects {
		a = answer{err: ErrDenied, phase: NotSent}
	}
	p.endAll(a, func(w *waiting) bool { return w.subject == subject && w.order <= newest })
	return isMore
}

const tokenLength = 16

// appendToken appends the number of a call as 16 hexadecimal digits.
func appendToken(text []byte, number uint64) []byte {
	const digits = "0123456789abcdef"
	for shift := 60; shift >= 0; shift -= 4 {
		text = append(text, digits[number>>shift&15])
	}
	return text
}

// newToken returns 26 characters that nobody can guess.
func newToken() string { return cryptorand.Text() }

package transport

import "sync"

// Listeners are the functions that receive the events of a transport.
type Listeners struct {
	mutex sync.Mutex
	last  int
	all   map[int]func(Event)
}

// Add adds a function, and returns a function that removes it.
func (l *Listeners) Add(listen func(Event)) (remove func()) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.all == nil {
		l.all = make(map[int]func(Event))
	}
	l.last++
	number := l.last
	l.all[number] = listen
	return func() {
		l.mutex.Lock()
		defer l.mutex.Unlock()
		delete(l.all, number)
	}
}

// Send calls all functions.
func (l *Listeners) Send(event Event) {
	l.mutex.Lock()
	all := make([]func(Event), 0, len(l.all))
	for _, listen := range l.all {
		all = append(all, listen)
	}
	l.mutex.Unlock()
	for _, listen := range all {
		listen(event)
	}
}

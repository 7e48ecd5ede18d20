package nats

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

type failures struct{ count atomic.Int64 }

func (f *failures) NotSent(uint64, error) { f.count.Add(1) }

func TestOutboxSendsEachMessageOnceInTheOrderOfItsSender(t *testing.T) {
	const senders, each = 20, 5000
	last := make(map[string]int)
	total := 0
	o := outbox{publish: func(m *transport.Message) error {
		// A single goroutine at a time sends, so this needs no lock.
		total++
		if len(m.Data) != last[m.Subject]%100 {
			t.Errorf("%s: %d after %d", m.Subject, len(m.Data), last[m.Subject])
		}
		last[m.Subject]++
		if len(m.Data) == 7 {
			return errors.New("not sent")
		}
		return nil
	}}
	var failed failures
	var all sync.WaitGroup
	for sender := range senders {
		all.Go(func() {
			for i := range each {
				o.post(transport.Message{Subject: string(rune('a' + sender)), Data: make([]byte, i%100)}, &failed, 1)
			}
		})
	}
	all.Wait()
	o.wait()
	if total != senders*each || failed.count.Load() != senders*each/100 {
		t.Error(total, failed.count.Load())
	}
}

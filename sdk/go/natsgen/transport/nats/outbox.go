package nats

import (
	"sync"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

// round is the number of messages that a goroutine sends for others.
const round = 128

// maxQueue is the number of messages that wait. Further goroutines wait until the connection accepts messages, or counts
// as lost.
const maxQueue = 16_384

// outbox collects the messages of many goroutines. A single one of them sends all, so that they do not compete for the
// lock of the connection, which is held during writes.
type outbox struct {
	publish func(*transport.Message) error

	mutex  sync.Mutex
	queue  []posted
	spare  []posted
	isBusy bool

	// count is the number of posted messages, sent the number of those that are sent.
	count, sent uint64
	progress    *sync.Cond // nil if nobody waits for progress
}

type posted struct {
	message transport.Message
	sender  transport.Sender
	number  uint64
}

func (o *outbox) post(m transport.Message, sender transport.Sender, number uint64) {
	o.mutex.Lock()
	for len(o.queue) >= maxQueue {
		o.await()
	}
	o.queue = append(o.queue, posted{message: m, sender: sender, number: number})
	o.count++
	if o.isBusy {
		o.mutex.Unlock()
		return
	}
	o.isBusy = true
	o.mutex.Unlock()
	if !o.send(round) {
		go o.send(1 << 30)
	}
}

// send sends the queue, up to a limit of messages. It returns false if there are more.
func (o *outbox) send(limit int) bool {
	done := 0
	o.mutex.Lock()
	for len(o.queue) > 0 {
		if done > limit {
			o.mutex.Unlock()
			return false
		}
		batch := o.queue
		o.queue, o.spare = o.spare, nil
		o.mutex.Unlock()
		for i := range batch {
			if err := o.publish(&batch[i].message); err != nil {
				batch[i].sender.NotSent(batch[i].number, err)
			}
		}
		done += len(batch)
		clear(batch)
		o.mutex.Lock()
		o.sent += uint64(len(batch))
		o.spare = batch[:0]
		if o.progress != nil {
			o.progress.Broadcast()
		}
	}
	o.isBusy = false
	o.mutex.Unlock()
	return true
}

// wait waits until all earlier messages are sent.
func (o *outbox) wait() {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	for last := o.count; o.sent < last; {
		o.await()
	}
}

// await waits until a batch is sent. The mutex is held.
func (o *outbox) await() {
	if o.progress == nil {
		o.progress = sync.NewCond(&o.mutex)
	}
	o.progress.Wait()
}

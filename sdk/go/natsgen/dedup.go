package natsgen

import (
	"hash/maphash"
	"strings"
	"sync"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

// waitingBytes is the greatest size of the reply subjects of all duplicates. A peer chooses the length of its subjects.
const waitingBytes = 16 << 20

// dedupLimits are the limits of deduplication.
type dedupLimits struct {
	requests int
	bytes    int
	age      time.Duration
}

// dedupKey is the hash of caller, subject, id and payload. The seeds are random, so that a peer cannot provoke a
// collision.
type dedupKey [2]uint64

// reply is the payload of a reply with its headers.
type reply struct {
	header transport.Header
	data   []byte
}

func (r *reply) size() int { return len(r.data) + r.header.Size() }

// dedup executes repeated requests once.
type dedup struct {
	limits dedupLimits
	seeds  [2]maphash.Seed

	mutex    sync.Mutex
	entries  map[dedupKey]*dedupEntry
	executed []executed
	kept     []dedupKey
	bytes    int

	// waiting is the number of duplicates that wait for a reply.
	waiting      int
	waitingBytes int
}

type executed struct {
	key  dedupKey
	when time.Time
}

type dedupEntry struct {
	// others are the reply subjects of the duplicates.
	others     []string
	reply      *reply
	isExecuted bool
}

func newDedup(limits dedupLimits) *dedup {
	return &dedup{
		limits: limits, seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		entries: make(map[dedupKey]*dedupEntry),
	}
}

// key returns the key of a request. The caller is its inbox without the last token, which nobody else can guess.
func (d *dedup) key(m *transport.Message, id string) dedupKey {
	caller := m.Reply
	if i := strings.LastIndexByte(caller, '.'); i >= 0 && strings.Contains(caller[:i], ".") {
		caller = caller[:i]
	}
	var key dedupKey
	for i, seed := range d.seeds {
		var hash maphash.Hash
		hash.SetSeed(seed)
		for _, part := range []string{m.Subject, caller, id} {
			maphash.WriteComparable(&hash, len(part))
			// A hash reports no error.
			_, _ = hash.WriteString(part)
		}
		_, _ = hash.Write(m.Data)
		key[i] = hash.Sum64()
	}
	return key
}

type lookup int

const (
	isNew lookup = iota
	isPending
	isExecuted
	isFull
)

// begin looks up a request, and adds it if it is new.
func (d *dedup) begin(key dedupKey, inbox string, now time.Time) (lookup, *reply) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.dropOlder(now)
	entry, ok := d.entries[key]
	switch {
	case !ok:
		d.entries[key] = new(dedupEntry)
		return isNew, nil
	case entry.isExecuted:
		return isExecuted, entry.reply
	case d.waiting >= d.limits.requests || d.waitingBytes+len(inbox) > waitingBytes:
		return isFull, nil
	}
	entry.others = append(entry.others, inbox)
	d.waiting++
	d.waitingBytes += len(inbox)
	return isPending, nil
}

// complete keeps the reply of a request, and returns the reply subjects of its duplicates.
func (d *dedup) complete(key dedupKey, r reply, now time.Time) []string {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	others := d.end(key)
	entry := &dedupEntry{isExecuted: true}
	d.entries[key] = entry
	if size := r.size(); size <= d.limits.bytes {
		for d.bytes+size > d.limits.bytes && len(d.kept) > 0 {
			d.forget(d.kept[0])
			d.kept = d.kept[1:]
		}
		entry.reply = &r
		d.bytes += size
		d.kept = append(d.kept, key)
	}
	d.executed = append(d.executed, executed{key: key, when: now})
	d.dropOlder(now)
	for len(d.executed) > d.limits.requests {
		d.dropOldest()
	}
	return others
}

// release removes a request that is not executed, and returns the reply subjects of its duplicates.
func (d *dedup) release(key dedupKey) []string {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.end(key)
}

func (d *dedup) end(key dedupKey) []string {
	entry, ok := d.entries[key]
	if !ok || entry.isExecuted {
		return nil
	}
	delete(d.entries, key)
	d.waiting -= len(entry.others)
	for _, inbox := range entry.others {
		d.waitingBytes -= len(inbox)
	}
	return entry.others
}

// forget drops the reply of a request.
func (d *dedup) forget(key dedupKey) {
	if entry, ok := d.entries[key]; ok && entry.reply != nil {
		d.bytes -= entry.reply.size()
		entry.reply = nil
	}
}

func (d *dedup) dropOlder(now time.Time) {
	for len(d.executed) > 0 && now.Sub(d.executed[0].when) > d.limits.age {
		d.dropOldest()
	}
}

func (d *dedup) dropOldest() {
	key := d.executed[0].key
	d.executed = d.executed[1:]
	if len(d.kept) > 0 && d.kept[0] == key {
		d.kept = d.kept[1:]
	}
	d.forget(key)
	delete(d.entries, key)
}

package natsgen_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

// refuseOnce returns a handler that refuses the first request with a hint.
func refuseOnce(pause time.Duration, err error) handler {
	isFirst := true
	return func(ctx context.Context, i item) (item, error) {
		if isFirst {
			isFirst = false
			natsgen.SetRetryAfter(ctx, pause)
			return item{}, err
		}
		return i, nil
	}
}

func TestRetryHintReachesTheCaller(t *testing.T) {
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		c := newClient(calling)
		for name, test := range map[string]struct {
			pause, hint time.Duration
			fault       error
			want        string
		}{
			"declared":  {300 * time.Millisecond, 300 * time.Millisecond, full.With("x"), "refused: full: x, retryable true"},
			"kind":      {0, time.Millisecond, gone, "refused: gone, retryable true"},
			"rounded":   {1_000_001, 2 * time.Millisecond, gone, "refused: gone, retryable true"},
			"longest":   {math.MaxInt64, math.MaxUint32 * time.Millisecond, gone, "refused: gone, retryable true"},
			"unrelated": {time.Second, 0, errors.New("bug"), "refused: internal error, retryable false"},
			"standard":  {time.Second, 0, natsgen.Internal, "refused: internal error, retryable false"},
		} {
			t.Run(name, func(t *testing.T) {
				server := serve(t, serving, "w0", refuseOnce(test.pause, test.fault))
				defer shutdown(t, server)
				_, err := c.call(context.Background(), &putOperation, "w0", item{})
				expect(t, err, test.want)
				if failure, ok := errors.AsType[*natsgen.CallError](err); !ok || failure.RetryAfter != test.hint {
					t.Errorf("%+v", err)
				}
			})
		}
	})
}

func TestRetryWaitsForTheHint(t *testing.T) {
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		const pause = 300 * time.Millisecond
		c := newClient(calling, natsgen.Retries(1), natsgen.RetryPauses(time.Millisecond, time.Millisecond))
		for name, deduplicate := range map[string][]natsgen.ServeOption{
			"plain": nil, "deduplicated": {natsgen.Deduplicate(100, 1000, time.Minute)},
		} {
			t.Run(name, func(t *testing.T) {
				server := serve(t, serving, "w0", refuseOnce(pause, gone), deduplicate...)
				defer shutdown(t, server)
				begin := time.Now()
				if _, err := c.call(context.Background(), &putOperation, "w0", item{}); err != nil {
					t.Error(err)
				}
				if elapsed := time.Since(begin); elapsed < pause {
					t.Error(elapsed)
				}
			})
		}
		serve(t, serving, "w0", refuseOnce(time.Minute, gone))
		begin := time.Now()
		_, err := c.call(context.Background(), &putOperation, "w0", item{})
		expect(t, err, "refused: gone, retryable true")
		if elapsed := time.Since(begin); elapsed > 2*time.Second {
			t.Error(elapsed, "although the hint is beyond the deadline")
		}
	})
}

func TestRetryHintOfOtherPeersIsRead(t *testing.T) {
	const body = `{"error":"gone","code":"gone"}`
	for _, test := range []struct {
		header, data string
		want         time.Duration
	}{
		{"1500", body, 1500 * time.Millisecond},
		{"007", body, 7 * time.Millisecond},
		{"0", body, time.Millisecond},
		{"18446744073709551615", body, math.MaxUint32 * time.Millisecond},
		{"18446744073709551616", body, 0},
		{"-1", body, 0},
		{"1.5", body, 0},
		{"1 s", body, 0},
		{"", body, 0},
		{"5", `{"error":"busy"}`, 5 * time.Millisecond},
		{"5", `{"key":"","text":""}`, 0},
	} {
		conn := natsgen.InProcess()
		rawServer(t, conn, func(transport.Message) transport.Message {
			return transport.Message{Header: transport.Header{"retry-after-ms": {test.header}}, Data: []byte(test.data)}
		})
		_, err := newClient(conn).call(context.Background(), &putOperation, "raw", item{})
		var hint time.Duration
		if failure, ok := errors.AsType[*natsgen.CallError](err); ok {
			hint = failure.RetryAfter
		}
		if hint != test.want || natsgen.IsRetryable(err) != (test.want > 0) {
			t.Errorf("%q: %v, %v", test.header, hint, err)
		}
	}
}

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := square.Run(t.Context(), nil, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	const want = `square(12) = 144
rangeSquare yields 1
rangeSquare yields 4
rangeSquare yields 9
rangeSquare yields 16
rangeSquare yields 25
sumSquare(1, 2, 3) = 14
streamrangeSquare for-each yields 1
streamrangeSquare for-each yields 4
streamrangeSquare for-each yields 9
streamrangeSquare after-last yields 1
streamrangeSquare after-last yields 4
streamrangeSquare after-last yields 9
streamrangeSquare on-all-cores yields 1e+14
streamrangeSquare on-all-cores yields 4e+14
streamrangeSquare on-all-cores yields 9e+14
square(-1): rpc error: code = InvalidArgument desc = -1 is negative (host square.example)
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

// As many calls run in parallel as there are workers: each call waits for the others,
// so that fewer would wait forever, which synctest detects.
func TestParallelWorksOnAllAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const workers = 4
		var meeting sync.WaitGroup
		meeting.Add(workers)
		got, err := stream.Collect(parallel(t.Context(), stream.Of(1, 2, 3, 4), workers, func(i int) (int, error) {
			meeting.Done()
			meeting.Wait()
			return 10 * i, nil
		}))
		if diff := cmp.Diff([]int{10, 20, 30, 40}, got); diff != "" || err != nil {
			t.Errorf("error %v, results (-want +got):\n%s", err, diff)
		}
	})
}

// A slow loop makes the work wait: the number of results ahead of it is bounded.
func TestParallelIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const workers = 4
		read := 0
		endless := func(yield func(int, error) bool) {
			for read = 1; yield(read, nil); read++ {
			}
		}
		for _, err := range parallel(t.Context(), endless, workers, func(i int) (int, error) { return i, nil }) {
			if err != nil {
				t.Error(err)
			}
			synctest.Wait()
			// One is in the loop, and the last one read waits for a place.
			if read > workers+1 {
				t.Errorf("%d messages were read for %d workers", read, workers)
			}
			break
		}
	})
}

func TestParallelFails(t *testing.T) {
	t.Parallel()
	failure := errors.New("failed")
	fails := func(i int) (int, error) {
		if i == 2 {
			return 0, failure
		}
		return i, nil
	}
	same := func(i int) (int, error) { return i, nil }
	source := func(yield func(int, error) bool) { _ = yield(1, nil) && yield(0, failure) }
	for name, seq := range map[string]iter.Seq2[int, error]{
		"in the work":     parallel(context.Background(), stream.Of(1, 2, 3), 2, fails),
		"in the requests": parallel(context.Background(), source, 2, same),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := stream.Collect(seq)
			if diff := cmp.Diff([]int{1}, got); diff != "" || !errors.Is(err, failure) {
				t.Errorf("error %v, results (-want +got):\n%s", err, diff)
			}
		})
	}
}

package stream_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
)

var errSource = errors.New("source failed")

// failing yields 1 and 2 and then an error.
func failing(yield func(int, error) bool) {
	_ = yield(1, nil) && yield(2, nil) && yield(0, errSource)
}

// errWrapped is not a clean end: something was cut off.
var errWrapped = fmt.Errorf("cut off: %w", io.EOF)

// recv returns the values, and then the error each time.
func recv(end error, values ...int) func() (int, error) {
	return func() (int, error) {
		if len(values) == 0 {
			return -1, end
		}
		value := values[0]
		values = values[1:]
		return value, nil
	}
}

func closedChan(values ...int) <-chan int {
	ch := make(chan int, len(values))
	for _, v := range values {
		ch <- v
	}
	close(ch)
	return ch
}

func TestCollect(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	double := func(i int) (int, error) { return 2 * i, nil }
	fails := func(i int) (int, error) { return i, errSource }
	tests := map[string]struct {
		seq  iter.Seq2[int, error]
		want []int
		err  error
	}{
		"Of":                          {stream.Of(1, 2, 3), []int{1, 2, 3}, nil},
		"Of nothing":                  {stream.Of[int](), nil, nil},
		"From":                        {stream.From(slices.Values([]int{1, 2})), []int{1, 2}, nil},
		"FromChan":                    {stream.FromChan(t.Context(), closedChan(1, 2)), []int{1, 2}, nil},
		"FromChan canceled":           {stream.FromChan(canceled, closedChan(1, 2)), nil, context.Canceled},
		"error after messages":        {failing, []int{1, 2}, errSource},
		"Map":                         {stream.Map(stream.Of(1, 2), double), []int{2, 4}, nil},
		"Map of a failing source":     {stream.Map(failing, double), []int{2, 4}, errSource},
		"Map that fails":              {stream.Map(stream.Of(1, 2), fails), nil, errSource},
		"FromRecv":                    {stream.FromRecv(recv(io.EOF, 1, 2)), []int{1, 2}, nil},
		"FromRecv that fails":         {stream.FromRecv(recv(errSource, 1)), []int{1}, errSource},
		"FromRecv that wraps the end": {stream.FromRecv(recv(errWrapped, 1)), []int{1}, errWrapped},
		"Generate": {stream.Generate(func(send func(int) error) error {
			return errors.Join(send(1), send(2))
		}), []int{1, 2}, nil},
		"Generate that fails": {stream.Generate(func(send func(int) error) error {
			return errors.Join(send(1), errSource)
		}), []int{1}, errSource},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := stream.Collect(test.seq)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
			if !errors.Is(err, test.err) {
				t.Errorf("error = %v, want %v", err, test.err)
			}
		})
	}
}

// A sequence that was left does not yield again: a second yield would panic
// here.
func TestLeave(t *testing.T) {
	t.Parallel()
	same := func(i int) (int, error) { return i, nil }
	tests := map[string]iter.Seq2[int, error]{
		"Of":       stream.Of(1, 2, 3),
		"From":     stream.From(slices.Values([]int{1, 2})),
		"FromChan": stream.FromChan(t.Context(), closedChan(1, 2)),
		"Map":      stream.Map(stream.Of(1, 2), same),
		"Map with an error after it": stream.Map(func(yield func(int, error) bool) {
			if yield(1, nil) {
				t.Error("yield returned true after the loop was left")
			}
		}, same),
		"KeepOpen": stream.KeepOpen(t.Context(), stream.Of(1, 2)),
		"Generate that minds the error": stream.Generate(func(send func(int) error) error {
			err := send(1)
			if !errors.Is(err, stream.ErrLeft) {
				t.Errorf("send = %v, want ErrLeft", err)
			}
			return err
		}),
		"Generate that does not": stream.Generate(func(send func(int) error) error {
			return errors.Join(send(1), send(2), send(3))
		}),
	}
	for name, seq := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for msg, err := range seq {
				if msg != 1 || err != nil {
					t.Errorf("got (%v, %v), want (1, nil)", msg, err)
				}
				break
			}
		})
	}
}

func TestFromChanWaitsForItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		ch := make(chan int)
		done := make(chan error, 1)
		go func() {
			_, err := stream.Collect(stream.FromChan(ctx, ch))
			done <- err
		}()
		synctest.Wait() // for Collect to wait for ch
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v, want %v", err, context.Canceled)
		}
	})
}

// The end of the context always wins, although select takes any case that is
// ready.
func TestFromChanLooksAtItsContextFirst(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		ch := closedChan(1)
		if got, err := stream.Collect(stream.FromChan(ctx, ch)); len(got) != 0 || !errors.Is(err, context.Canceled) {
			t.Fatalf("got (%v, %v), want %v", got, err, context.Canceled)
		}
		if len(ch) != 1 {
			t.Fatal("a message is lost")
		}
	}
}

// A sequence that is kept open ends with its context, or earlier with an error.
func TestKeepOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		for _, test := range []struct {
			seq   iter.Seq2[int, error]
			n     int
			err   error
			after time.Duration
		}{
			{failing, 2, errSource, 0}, {stream.Of(1, 2, 3), 3, context.DeadlineExceeded, time.Hour},
		} {
			began, yields := time.Now(), 0
			stream.KeepOpen(ctx, test.seq)(func(i int, err error) bool {
				if yields++; yields <= test.n && (i != yields || err != nil) || yields > test.n && (i != 0 || err != test.err) { //nolint:errorlint // it is the same
					t.Errorf("yielded (%v, %v) as number %d", i, err, yields)
				}
				return true
			})
			if took := time.Since(began); took != test.after || yields != test.n+1 {
				t.Errorf("%d yields in %v, want %d in %v", yields, took, test.n+1, test.after)
			}
		}
	})
}

// A loop over the results of Recv continues where one was left. An error is the last
// element, and comes without a message.
func TestFromRecv(t *testing.T) {
	t.Parallel()
	seq := stream.FromRecv(recv(errSource, 1, 2, 3))
	for first, err := range seq {
		if first != 1 || err != nil {
			t.Errorf("the first is %v, %v; want 1", first, err)
		}
		break
	}
	var got []string
	for msg, err := range seq {
		got = append(got, fmt.Sprint(msg, " ", err))
	}
	if want := []string{"2 <nil>", "3 <nil>", "0 source failed"}; !slices.Equal(got, want) {
		t.Errorf("the rest is %q, want %q", got, want)
	}
}

func TestToRecv(t *testing.T) {
	t.Parallel()
	goesOn := func(yield func(int, error) bool) {
		_ = yield(1, nil) && yield(7, errSource) && yield(8, nil)
	}
	for name, test := range map[string]struct {
		seq  iter.Seq2[int, error]
		want []string
	}{
		"an end":   {stream.Of(1, 2), []string{"1 <nil>", "2 <nil>", "0 EOF", "0 EOF"}},
		"nothing":  {stream.Of[int](), []string{"0 EOF", "0 EOF"}},
		"an error": {goesOn, []string{"1 <nil>", "0 source failed", "0 source failed", "0 source failed"}},
	} {
		recv, stop := stream.ToRecv(test.seq)
		var got []string
		for range test.want {
			msg, err := recv()
			got = append(got, fmt.Sprint(msg, " ", err))
		}
		stop()
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
		if _, err := recv(); fmt.Sprint("0 ", err) != test.want[len(test.want)-1] {
			t.Errorf("%s: recv after the end and stop returns %v", name, err)
		}
	}
}

// The first recv starts the sequence, and both stop and an error end it.
func TestToRecvEndsTheSequence(t *testing.T) {
	t.Parallel()
	var events []string
	seq := func(yield func(int, error) bool) {
		events = append(events, "start")
		defer func() { events = append(events, "end") }()
		_ = yield(1, nil) && yield(2, nil) && yield(0, errSource)
	}
	recv, stop := stream.ToRecv(seq)
	if len(events) > 0 {
		t.Errorf("ToRecv itself starts the sequence: %q", events)
	}
	if msg, err := recv(); msg != 1 || err != nil {
		t.Errorf("recv = %v, %v; want 1", msg, err)
	}
	stop()
	stop()
	if _, err := recv(); err != stream.ErrLeft {
		t.Errorf("recv after stop: %v, want ErrLeft", err)
	}
	if want := []string{"start", "end"}; !slices.Equal(events, want) {
		t.Errorf("%q, want %q", events, want)
	}

	events = nil
	recv, stop = stream.ToRecv(seq) // an error ends it as well
	defer stop()
	for range 3 {
		_, _ = recv()
	}
	if want := []string{"start", "end"}; !slices.Equal(events, want) {
		t.Errorf("after an error: %q, want %q", events, want)
	}

	events = nil
	recv, stop = stream.ToRecv(seq)
	stop()
	if _, err := recv(); err != stream.ErrLeft || len(events) > 0 {
		t.Errorf("recv after stop alone: %v, %q; want ErrLeft, and no start", err, events)
	}
}

func TestMapEndsWithAnError(t *testing.T) {
	t.Parallel()
	goesOn := func(yield func(int, error) bool) { _ = yield(7, errSource) && yield(8, nil) }
	for name, seq := range map[string]iter.Seq2[int, error]{
		"of the source":   stream.Map(goesOn, func(i int) (int, error) { return i, nil }),
		"of the function": stream.Map(stream.Of(1, 2), func(i int) (int, error) { return i, errSource }),
	} {
		yields := 0
		seq(func(i int, err error) bool {
			if yields++; i != 0 || err != errSource {
				t.Errorf("%s: yielded (%v, %v), want the error alone", name, i, err)
			}
			return true
		})
		if yields != 1 {
			t.Errorf("%s: %d yields, want one", name, yields)
		}
	}
}

func ExampleOf() {
	for msg, err := range stream.Of("a", "b") {
		fmt.Println(msg, err)
	}
	// Output:
	// a <nil>
	// b <nil>
}

func ExampleFrom() {
	msgs, err := stream.Collect(stream.From(slices.Values([]string{"a"})))
	fmt.Println(msgs, err)
	// Output: [a] <nil>
}

func ExampleFromChan() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	events := make(chan string, 2)
	events <- "first"
	events <- "second"
	for event, err := range stream.FromChan(ctx, events) {
		if err != nil {
			fmt.Println("error:", err)
			break
		}
		fmt.Println(event)
		if event == "second" {
			cancel()
		}
	}
	// Output:
	// first
	// second
	// error: context canceled
}

// This server treats the end of the requests as the end of the stream, like
// etcd's LeaseKeepAlive.
func ExampleKeepOpen() {
	keepAlive := func(ctx context.Context, reqs iter.Seq2[string, error]) iter.Seq2[string, error] {
		return stream.Map(reqs, func(lease string) (string, error) { return "kept " + lease, nil })
	}
	for res, err := range stream.Scope(context.Background(), func(ctx context.Context) iter.Seq2[string, error] {
		return keepAlive(ctx, stream.KeepOpen(ctx, stream.Of("lease 7")))
	}) {
		fmt.Println(res, err)
		break // otherwise it continues
	}
	// Output: kept lease 7 <nil>
}

func ExampleFromRecv() {
	titles := []string{"Emma", "Persuasion"}
	recv := func() (string, error) { // like the method of a stream of protoc-gen-go-grpc
		if len(titles) == 0 {
			return "", io.EOF
		}
		title := titles[0]
		titles = titles[1:]
		return title, nil
	}
	for title, err := range stream.FromRecv(recv) {
		fmt.Println(title, err)
	}
	// Output:
	// Emma <nil>
	// Persuasion <nil>
}

func ExampleToRecv() {
	recv, stop := stream.ToRecv(stream.Of("Emma", "Persuasion")) // or what a stub's method returns
	defer stop()
	for {
		title, err := recv()
		if err == io.EOF {
			break
		}
		fmt.Println(title, err)
	}
	// Output:
	// Emma <nil>
	// Persuasion <nil>
}

func ExampleGenerate() {
	countdown := stream.Generate(func(send func(int) error) error {
		for i := 3; i > 0; i-- {
			if err := send(i); err != nil {
				return err
			}
		}
		return errors.New("no lift-off")
	})
	for i, err := range countdown {
		fmt.Println(i, err)
	}
	// Output:
	// 3 <nil>
	// 2 <nil>
	// 1 <nil>
	// 0 no lift-off
}

func ExampleCollect() {
	msgs, err := stream.Collect(stream.Of(1, 2, 3))
	fmt.Println(msgs, err)
	// Output: [1 2 3] <nil>
}

func ExampleMap() {
	numbers := stream.Map(stream.Of("1", "2", "three"), strconv.Atoi)
	for n, err := range numbers {
		fmt.Println(n, err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 0 strconv.Atoi: parsing "three": invalid syntax
}

package stream_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
)

type ints = iter.Seq2[int, error]

// square answers each request with its square, like an implementation of a
// service.
func square(_ context.Context, reqs ints) ints {
	return stream.Map(reqs, func(i int) (int, error) { return i * i, nil })
}

// constant answers with seq, and reads nothing.
func constant(seq ints) func(context.Context, ints) ints {
	return func(context.Context, ints) ints { return seq }
}

func TestAConversationIsInStep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := stream.Open(t.Context(), square)
		defer c.Close()
		for i := range 100 {
			if err := c.Send(i); err != nil {
				t.Fatal(err)
			}
			if got, err := c.Recv(); got != i*i || err != nil {
				t.Fatalf("Recv = (%v, %v), want %d", got, err, i*i)
			}
		}
		c.CloseSend()
		for range 2 {
			if got, err := c.Recv(); got != 0 || err != io.EOF {
				t.Errorf("Recv = (%v, %v), want io.EOF", got, err)
			}
		}
		if err := c.Send(1); err != stream.ErrClosed {
			t.Errorf("Send = %v, want ErrClosed", err)
		}
	})
}

func TestAConversationEndsWithTheErrorOfTheMethod(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := stream.Open(t.Context(), constant(failing))
		for want := range 2 {
			if got, err := c.Recv(); got != want+1 || err != nil {
				t.Errorf("Recv = (%v, %v), want %d", got, err, want+1)
			}
		}
		for range 2 {
			if _, err := c.Recv(); err != errSource {
				t.Errorf("Recv = %v, want %v", err, errSource)
			}
		}
		// Nothing takes the request, so Send returns io.EOF.
		if err := c.Send(1); err != io.EOF {
			t.Errorf("Send = %v, want io.EOF", err)
		}
	})
}

func TestASendThatWaitsIsToldOfTheEnd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end  func(c *stream.Conversation[int, int])
		want error
	}{
		"Close":     {(*stream.Conversation[int, int]).Close, io.EOF},
		"CloseSend": {(*stream.Conversation[int, int]).CloseSend, stream.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := stream.Open(t.Context(), func(ctx context.Context, _ ints) ints {
					return func(func(int, error) bool) { <-ctx.Done() }
				})
				sent := make(chan error)
				go func() { sent <- c.Send(1) }()
				synctest.Wait() // for Send to wait
				test.end(c)
				if err := <-sent; err != test.want {
					t.Errorf("Send = %v, want %v", err, test.want)
				}
				c.Close()
			})
		})
	}
}

func TestCloseIsNotACleanEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		c := stream.Open(t.Context(), func(_ context.Context, reqs ints) ints {
			return func(func(int, error) bool) {
				_, err := stream.Collect(reqs)
				ended <- err
			}
		})
		if err := c.Send(1); err != nil {
			t.Error(err)
		}
		c.Close()
		if err := <-ended; status.Code(err) != codes.Canceled {
			t.Errorf("the requests ended with %v, want Canceled", err)
		}
		c.Close() // again
	})
}

func TestCloseReturnsWhenTheMethodHas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		deferred := false
		c := stream.Open(t.Context(), func(context.Context, ints) ints {
			return func(yield func(int, error) bool) {
				defer func() { deferred = true }()
				for yield(1, nil) {
				}
			}
		})
		if _, err := c.Recv(); err != nil {
			t.Error(err)
		}
		c.Close()
		if !deferred {
			t.Error("the deferred functions of the method have not run")
		}
		if _, err := c.Recv(); status.Code(err) != codes.Canceled {
			t.Errorf("Recv = %v, want Canceled", err)
		}
	})
}

func TestTheContextEndsAConversation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := stream.Open(ctx, square)
		received := make(chan error)
		go func() {
			_, err := c.Recv()
			received <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-received; status.Code(err) != codes.Canceled {
			t.Errorf("Recv = %v, want Canceled", err)
		}
	})
}

func TestTheMethodMayRangeTheRequestsAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := stream.Open(t.Context(), func(_ context.Context, reqs ints) ints {
			return func(yield func(int, error) bool) {
				for _, err := range reqs {
					if err != nil {
						t.Error(err)
					}
					break
				}
				got, err := stream.Collect(reqs)
				yield(len(got), err)
			}
		})
		defer c.Close()
		for i := range 3 {
			if err := c.Send(i); err != nil {
				t.Error(err)
			}
		}
		c.CloseSend()
		if got, err := c.Recv(); got != 2 || err != nil {
			t.Errorf("Recv = (%v, %v), want the two requests after the first", got, err)
		}
	})
}

// A panic is raised once: a deferred Close must not add another.
func TestAPanicOfTheMethodGoesOnOnce(t *testing.T) {
	t.Parallel()
	broken := constant(func(func(int, error) bool) { panic("broken") })
	for name, use := range map[string]func(*stream.Conversation[int, int]){
		"Recv":  func(c *stream.Conversation[int, int]) { _, _ = c.Recv() },
		"Close": (*stream.Conversation[int, int]).Close,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := stream.Open(t.Context(), broken)
				defer c.Close()
				defer func() {
					if r := recover(); r != "broken" {
						t.Errorf("recovered %v, want the panic of the method", r)
					}
				}()
				defer func() {
					if _, err := c.Recv(); status.Code(err) != codes.Internal {
						t.Errorf("Recv afterwards = %v, want Internal", err)
					}
				}()
				use(c)
				t.Error("no panic")
			})
		})
	}
}

func TestAGoexitOfTheMethodGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := stream.Open(t.Context(), constant(func(func(int, error) bool) { runtime.Goexit() }))
		returned, done := false, make(chan struct{})
		go func() {
			defer close(done)
			_, _ = c.Recv()
			returned = true
		}()
		<-done
		if returned {
			t.Error("Recv has returned")
		}
	})
}

// deafTo ignores its context until it is freed. It yields one response, and
// another one when the context has ended.
func deafTo(t *testing.T) func(context.Context, ints) ints {
	t.Helper()
	free := make(chan struct{})
	t.Cleanup(func() { close(free); synctest.Wait() })
	return func(ctx context.Context, _ ints) ints {
		return func(yield func(int, error) bool) {
			if yield(1, nil) {
				<-ctx.Done()
				yield(2, nil)
			}
			<-free
		}
	}
}

// A method that ignores its context delays callers by at most a second.
func TestAMethodThatIgnoresItsContextHoldsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c := stream.Open(ctx, deafTo(t))
		if got, err := c.Recv(); got != 1 || err != nil {
			t.Errorf("Recv = (%v, %v), want 1", got, err)
		}
		sent := make(chan error)
		go func() { sent <- c.Send(1) }()
		if err := <-sent; err != io.EOF {
			t.Errorf("Send = %v, want io.EOF", err)
		}
		began := time.Now()
		if got, err := c.Recv(); got != 2 || err != nil {
			t.Errorf("Recv = (%v, %v), want what arrived", got, err)
		}
		for range 3 {
			if _, err := c.Recv(); status.Code(err) != codes.DeadlineExceeded {
				t.Errorf("Recv = %v, want DeadlineExceeded", err)
			}
		}
		c.Close()
		if took := time.Since(began); took > time.Second {
			t.Errorf("Recv and Close took %v", took)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		c := stream.Open(t.Context(), deafTo(t))
		began := time.Now()
		c.Close()
		if took := time.Since(began); took != time.Second {
			t.Errorf("Close took %v, want a second", took)
		}
	})
}

func TestAConversationThatCannotBe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := stream.Open(t.Context(), constant(nil))
		for range 2 {
			if _, err := c.Recv(); status.Code(err) != codes.Internal || !strings.Contains(err.Error(), "nil sequence") {
				t.Errorf("Recv = %v, want Internal", err)
			}
		}
	})
}

func TestSendRefusesANilMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := stream.Open(t.Context(), func(_ context.Context, reqs iter.Seq2[*int, error]) iter.Seq2[*int, error] { return reqs })
		defer c.Close()
		if err := c.Send(nil); status.Code(err) != codes.Internal || !strings.Contains(err.Error(), "Send") {
			t.Errorf("Send(nil) = %v, want Internal, which names Send", err)
		}
		want := new(int)
		if err := c.Send(want); err != nil { // the conversation continues
			t.Error(err)
		}
		if got, err := c.Recv(); got != want || err != nil {
			t.Errorf("Recv = (%v, %v), want what was sent", got, err)
		}
	})
}

// The context of the method ends with the conversation, however that ends.
func TestTheContextOfTheMethodEndsWithIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		contexts := make(chan context.Context, 1)
		c := stream.Open(t.Context(), func(ctx context.Context, reqs ints) ints {
			contexts <- ctx
			return stream.Of(1)
		})
		_, _ = c.Recv()
		if _, err := c.Recv(); err != io.EOF {
			t.Errorf("Recv = %v, want io.EOF", err)
		}
		synctest.Wait()
		if ctx := <-contexts; ctx.Err() == nil {
			t.Error("the context of the method continues")
		}
	})
}

func ExampleOpen() {
	// Any bidirectional method works: of a stub, such as stub.Chat, or of an
	// implementation, as here.
	echo := func(_ context.Context, reqs iter.Seq2[string, error]) iter.Seq2[string, error] {
		return stream.Map(reqs, func(s string) (string, error) {
			if s == "" {
				return "", errors.New("nothing to echo")
			}
			return s + ", " + s, nil
		})
	}
	chat := stream.Open(context.Background(), echo)
	defer chat.Close()
	for _, word := range []string{"hello", "is anybody there?", ""} {
		if err := chat.Send(word); err != nil {
			fmt.Println("send:", err)
			return
		}
		answer, err := chat.Recv()
		if err != nil {
			fmt.Println("error:", err)
			return
		}
		fmt.Println(answer)
	}
	// Output:
	// hello, hello
	// is anybody there?, is anybody there?
	// error: nothing to echo
}

func ExampleConversation_Responses() {
	echo := func(_ context.Context, reqs iter.Seq2[string, error]) iter.Seq2[string, error] { return reqs }
	chat := stream.Open(context.Background(), echo)
	defer chat.Close()
	if err := chat.Send("a"); err != nil {
		fmt.Println("send:", err)
		return
	}
	for res, err := range chat.Responses() {
		if err != nil {
			fmt.Println("error:", err)
			return
		}
		fmt.Println(res)
		if len(res) == 3 {
			break // does not end the conversation
		}
		if err := chat.Send(res + "a"); err != nil {
			fmt.Println("send:", err)
			return
		}
	}
	// Output:
	// a
	// aa
	// aaa
}

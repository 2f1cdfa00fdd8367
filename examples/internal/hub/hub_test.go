package hub

import (
	"context"
	"fmt"
	"io"
	"log"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/testdata/greeter"
)

// visitor is a client in the hub, on its own goroutine.
type visitor struct {
	leave context.CancelFunc
	done  chan struct{}
	saw   []string
	err   error
}

func enterHub(h *Hub, name string) *visitor {
	ctx, cancel := context.WithCancel(context.Background())
	v := &visitor{leave: cancel, done: make(chan struct{})}
	go func() {
		defer close(v.done)
		for event, err := range h.Visit(ctx, name) {
			if err != nil {
				v.err = err
				return
			}
			v.saw = append(v.saw, text(event))
		}
	}()
	synctest.Wait() // until it waits for events
	return v
}

// gone ends the visitor's call, and returns what it has seen.
func (v *visitor) gone() string {
	v.leave()
	<-v.done
	synctest.Wait()
	return strings.Join(v.saw, ", ")
}

func text(event *greeter.GreetingMessage) string {
	if timer := event.GetTimer(); timer != nil {
		return fmt.Sprintf("%s (%d)", timer.GetMessage(), timer.GetCount())
	}
	return event.GetFirst().GetMessage() + event.GetGoodbye().GetMessage()
}

func testHub() *Hub { return New(log.New(io.Discard, "", 0)) }

func TestHubIsForEverybodyInside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := testHub()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go h.Tick(ctx, time.Second)
		ada := enterHub(h, "Ada")
		bob := enterHub(h, "Bob")
		eve := enterHub(h, "Eve")
		time.Sleep(1500 * time.Millisecond)
		got := []string{bob.gone(), ada.gone(), eve.gone()}
		want := []string{
			"Hello Bob, Eve has entered, time goes by (1)",
			"Hello Ada, Bob has entered, Eve has entered, time goes by (1), Bob has left",
			"Hello Eve, time goes by (1), Bob has left, Ada has left",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Bob, Ada and Eve saw (-want +got):\n%s", diff)
		}
		if len(h.inside) != 0 {
			t.Errorf("inside are %v", h.inside)
		}
	})
}

func TestHubGivesWhoComesBackWhatIsNew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := testHub()
		ada := enterHub(h, "Ada")
		enterHub(h, "Bob").gone()
		if want, got := "Hello Ada, Bob has entered, Bob has left", ada.gone(); got != want {
			t.Errorf("Ada saw %s, want %s", got, want)
		}
		enterHub(h, "Eve").gone()
		if want, got := "Hello Ada, Eve has entered, Eve has left", enterHub(h, "Ada").gone(); got != want {
			t.Errorf("back, Ada saw %s, want %s", got, want)
		}
		if want, got := "Hello Ada", enterHub(h, "Ada").gone(); got != want {
			t.Errorf("back again, Ada saw %s, want %s", got, want)
		}
	})
}

// An event that was not received comes again.
func TestHubCountsWhatWasTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := testHub()
		enterHub(h, "Ada").gone()
		enterHub(h, "Bob").gone()
		for event, err := range h.Visit(t.Context(), "Ada") {
			if err != nil {
				t.Fatal(err)
			}
			if text(event) == "Bob has entered" {
				break // as if the client left while this event is sent
			}
		}
		if want, got := "Hello Ada, Bob has entered, Bob has left", enterHub(h, "Ada").gone(); got != want {
			t.Errorf("Ada saw %s, want %s", got, want)
		}
	})
}

func TestHubSendsAwayWhoDoesNotKeepUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := testHub()
		var err error
		for _, err = range h.Visit(t.Context(), "Ada") {
			if err != nil {
				break
			}
			for range queue {
				enterHub(h, "Bob").gone()
			}
		}
		if status.Code(err) != codes.ResourceExhausted {
			t.Errorf("error %v, want ResourceExhausted", err)
		}
	})
}

func TestHubRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := testHub()
		ada := enterHub(h, "Ada")
		for name, want := range map[string]codes.Code{"Ada": codes.AlreadyExists, "": codes.InvalidArgument} {
			v := enterHub(h, name)
			v.gone()
			if status.Code(v.err) != want {
				t.Errorf("%q: error %v, want %v", name, v.err, want)
			}
		}
		ada.gone()
	})
}

func TestHubKeepsABoundedHistory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := testHub()
		for range history {
			enterHub(h, "Bob").gone()
		}
		if len(h.past) != history {
			t.Errorf("%d events are kept, want %d", len(h.past), history)
		}
	})
}

// A server that stops ends the visits without an error.
func TestVisitsEndWithTheServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := drain.NewServer(insecure.NewCredentials(), drain.Options{})
		greeter.RegisterGreeter(server, Server{Hub: testHub()})
		listener := bufconn.Listen(1 << 20)
		ctx, end := context.WithCancel(t.Context())
		defer end()
		served := make(chan error, 1)
		go func() { served <- server.Serve(ctx, listener) }()
		conn := inmemory.Dial(t, listener)

		began := time.Now()
		messages, err := 0, error(nil)
		for _, err = range greeter.NewGreeterStub(conn).SayHelloStream2(t.Context(), &greeter.HelloRequest{Name: "Ada"}) {
			messages++
			end()
		}
		if messages == 0 || err != nil {
			t.Errorf("%d messages and the error %v, want no error", messages, err)
		}
		if err := <-served; err != nil || time.Since(began) > time.Second {
			t.Errorf("the server ended after %v with %v", time.Since(began), err)
		}
	})
}

// The error of a request without a name says which field is wrong.
func TestNameless(t *testing.T) {
	t.Parallel()
	_, err := Server{}.SayHello(t.Context(), &greeter.HelloRequest{})
	details := status.Convert(err).Details()
	if len(details) != 1 {
		t.Fatalf("the details of %v are %v", err, details)
	}
	if bad, ok := details[0].(*errdetails.BadRequest); !ok || bad.GetFieldViolations()[0].GetField() != "name" {
		t.Errorf("the detail of %v is %v", err, details[0])
	}
}

package private_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/private"
)

// hosted returns an error that tells host only in this process.
func hosted(code codes.Code, message, host string) *private.Error {
	public := status.Error(code, message)
	return &private.Error{Public: public, Local: public.Error() + " (host " + host + ")"}
}

// within returns an error that wraps the public error inner and tells host.
func within(inner error, host string) *private.Error {
	return &private.Error{Public: inner, Local: inner.Error() + " (host " + host + ")"}
}

func TestError(t *testing.T) {
	t.Parallel()
	err := hosted(codes.NotFound, "no such square", "lab.example")
	if got, want := err.Error(), "rpc error: code = NotFound desc = no such square (host lab.example)"; got != want {
		t.Errorf("Error = %q, want %q", got, want)
	}
	if s := status.Convert(err); s.Code() != codes.NotFound || s.Message() != "no such square" {
		t.Errorf("status = %v", s)
	}
	if !errors.Is(err, err.Public) || !errors.Is(err, status.Error(codes.NotFound, "no such square")) {
		t.Error("errors.Is does not find the public error")
	}
	// One inside another: neither text is in the status.
	outer := &private.Error{Public: fmt.Errorf("upstream: %w", err), Local: "lab.example and more"}
	if s := status.Convert(outer); s.Code() != codes.NotFound || s.Message() != "upstream: rpc error: code = NotFound desc = no such square" {
		t.Errorf("status = %v", s)
	}
}

// Public is what a server sends of an error; the error itself is what it logs.
func TestPublic(t *testing.T) {
	t.Parallel()
	lab := hosted(codes.NotFound, "no such square", "lab.example")
	hub := hosted(codes.Unavailable, "gone", "hub.lab.example")
	const labText, hubText = "rpc error: code = NotFound desc = no such square", "rpc error: code = Unavailable desc = gone"
	tests := map[string]struct {
		err           error
		code          codes.Code
		text, message string
	}{
		"itself":    {lab, codes.NotFound, labText, "no such square"},
		"wrapped":   {fmt.Errorf("upstream: %w", lab), codes.NotFound, "upstream: " + labText, "upstream: " + labText},
		"two %w":    {fmt.Errorf("%w, then %w", lab, hub), codes.NotFound, labText + ", then " + hubText, labText + ", then " + hubText},
		"joined":    {errors.Join(hub, lab), codes.Unavailable, hubText + "\n" + labText, hubText + "\n" + labText},
		"one twice": {errors.Join(lab, lab), codes.NotFound, labText + "\n" + labText, labText + "\n" + labText},
		"behind others": {
			errors.Join(io.ErrUnexpectedEOF, fmt.Errorf("a: %w", errors.Join(io.EOF, fmt.Errorf("b: %w", hub)))),
			codes.Unavailable, "unexpected EOF\na: EOF\nb: " + hubText, "unexpected EOF\na: EOF\nb: " + hubText,
		},
		"under a status of its own": {
			statusError{fmt.Errorf("upstream: %w", lab), status.New(codes.Aborted, "try again: "+lab.Error())},
			codes.Aborted, "upstream: " + labText, "try again: " + labText,
		},
		"under a status that says nothing": {
			statusError{fmt.Errorf("upstream: %w", lab), status.New(codes.Aborted, "try again")},
			codes.Aborted, "upstream: " + labText, "try again",
		},
		"one inside another": {within(lab, "outer.example"), codes.NotFound, labText, "no such square"},
		"one inside another, with text between": {
			fmt.Errorf("x: %w", within(fmt.Errorf("y: %w", lab), "outer.example")),
			codes.NotFound, "x: y: " + labText, "x: y: " + labText,
		},
		"one inside another, and beside it": {
			errors.Join(lab, within(fmt.Errorf("y: %w", lab), "outer.example")),
			codes.NotFound, labText + "\ny: " + labText, labText + "\ny: " + labText,
		},
		"one that begins with another": {
			errors.Join(lab, &private.Error{Public: status.Error(codes.Aborted, "longer"), Local: lab.Error() + " or hub.lab.example"}),
			codes.NotFound, labText + "\nrpc error: code = Aborted desc = longer", labText + "\nrpc error: code = Aborted desc = longer",
		},
		"without a local text": {
			fmt.Errorf("upstream%w", &private.Error{Public: status.Error(codes.Aborted, "empty")}),
			codes.Aborted, "upstream", "upstream",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := private.Public(test.err)
			if got.Error() != test.text {
				t.Errorf("text %q, want %q", got, test.text)
			}
			for at, err := range map[string]error{
				"":                               got,
				" of what is made public twice":  private.Public(got),
				" of what is wrapped once again": unwrapped{got},
			} {
				if s := status.Convert(err); s.Code() != test.code || s.Message() != test.message {
					t.Errorf("status%s: %v %q, want %v %q", at, s.Code(), s.Message(), test.code, test.message)
				}
			}
			if again := private.Public(fmt.Errorf("again: %w", got)); strings.Contains(again.Error(), ".example") {
				t.Errorf("wrapped again, its text is %q", again)
			}
			if !errors.Is(got, test.err) {
				t.Error("errors.Is does not find the error that it was made of")
			}
			if e := (*private.Error)(nil); !errors.As(got, &e) {
				t.Error("errors.As does not find the private error")
			}
		})
	}
}

func TestPublicKeepsDetails(t *testing.T) {
	t.Parallel()
	s, err := status.New(codes.ResourceExhausted, "slow down").WithDetails(&errdetails.ErrorInfo{Reason: "QUOTA"})
	if err != nil {
		t.Fatal(err)
	}
	leaf := &private.Error{Public: s.Err(), Local: "slow down, lab.example"}
	for _, err := range []error{leaf, fmt.Errorf("upstream: %w", leaf), errors.Join(io.EOF, leaf)} {
		got := status.Convert(private.Public(err))
		if got.Code() != codes.ResourceExhausted || strings.Contains(got.Message(), "lab") || len(got.Details()) != 1 {
			t.Fatalf("status = %v with %v", got, got.Details())
		}
		if info, ok := got.Details()[0].(*errdetails.ErrorInfo); !ok || info.GetReason() != "QUOTA" {
			t.Errorf("details = %v", got.Details())
		}
	}
}

// A hidden error is another error for others, however it is wrapped.
func TestHide(t *testing.T) {
	t.Parallel()
	inner := fmt.Errorf("dial lab.example: %w", io.ErrUnexpectedEOF)
	hidden := private.Hide(inner, status.Error(codes.Unavailable, "not available"))
	if !errors.Is(hidden, inner) || !errors.Is(hidden, io.ErrUnexpectedEOF) || hidden.Error() != inner.Error() {
		t.Errorf("in this process it is %v", hidden)
	}
	for want, err := range map[string]error{
		"not available": hidden,
		"behind: rpc error: code = Unavailable desc = not available":         fmt.Errorf("behind: %w", hidden),
		"unexpected EOF\nrpc error: code = Unavailable desc = not available": errors.Join(io.ErrUnexpectedEOF, hidden),
	} {
		if s := status.Convert(private.Public(err)); s.Code() != codes.Unavailable || s.Message() != want {
			t.Errorf("others get %v %q, want %q", s.Code(), s.Message(), want)
		}
		if text := private.Public(err).Error(); strings.Contains(text, "lab.example") {
			t.Errorf("the text for others is %q", text)
		}
	}
	if s := status.Convert(hidden); s.Code() != codes.Unavailable || s.Message() != "not available" {
		t.Errorf("its status is %v", s)
	}
	within := private.WithHost(hidden, "hub.example")
	if s := status.Convert(private.Public(within)); s.Message() != "not available" {
		t.Errorf("with a host, others get %q", s.Message())
	}
}

// Errors without a private one in their tree are not touched.
func TestPublicLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	lab := hosted(codes.NotFound, "no such square", "lab.example")
	for name, err := range map[string]error{
		"nil":       nil,
		"a value":   io.EOF,
		"a status":  status.Error(codes.NotFound, "no such square"),
		"wrapped":   fmt.Errorf("x: %w", io.EOF),
		"joined":    errors.Join(io.EOF, io.ErrUnexpectedEOF),
		"%v":        fmt.Errorf("x: %v", lab), // it is a text now
		"no text":   &private.Error{Public: lab.Public, Local: lab.Public.Error()},
		"a nil %w":  fmt.Errorf("x: %w", error(nil)),
		"unwrapped": unwrapped{nil},
	} {
		if got := private.Public(err); got != err {
			t.Errorf("%s: Public = %#v, want %#v", name, got, err)
		}
	}
}

// statusError is an error with its own status.
type statusError struct {
	error
	status *status.Status
}

func (e statusError) Unwrap() error              { return e.error }
func (e statusError) GRPCStatus() *status.Status { return e.status }

// unwrapped is a wrapper with the text of the error in it, as grpc finds it.
type unwrapped struct{ error }

func (e unwrapped) Unwrap() error              { return e.error }
func (e unwrapped) GRPCStatus() *status.Status { return status.Convert(e.error) }

package unclosed

import (
	"context"
	"io"
	"testing"
	"time"

	"squares"

	"github.com/gohostrpc/gohost/stream"
)

type (
	message      = squares.Message
	conversation = stream.Conversation[*message, *message]
	service      = squares.SquareServiceStub
)

func ask(ctx context.Context, stub service) (*message, error) {
	chat := stream.Open(ctx, stub.StreamrangeSquare) // want `the conversation is never closed, and its call stays open: defer its Close`
	if err := chat.Send(new(message)); err != nil {
		return nil, err
	}
	return chat.Recv()
}

func someTimes(ctx context.Context, stub service) error {
	var chat = stream.Open(ctx, stub.StreamrangeSquare) // want `never closed`
	for range 3 {
		if err := chat.Send(new(message)); err != nil {
			return err
		}
		if _, err := (chat).Recv(); err != nil {
			return err
		}
	}
	for n := 0; n < 3; n++ {
		(chat.Recv)()
	}
	chat.CloseSend()
	return nil
}

func dropped(ctx context.Context, stub service) {
	stream.Open(ctx, stub.StreamrangeSquare)                    // want `never closed`
	_ = stream.Open(ctx, stub.StreamrangeSquare)                // want `never closed`
	stream.Open(ctx, stub.StreamrangeSquare).Send(new(message)) // want `never closed`
	chat := (stream.Open(ctx, stub.StreamrangeSquare))          // want `never closed`
	_ = chat
}

// A handler's context ends with the handler; a conversation must end earlier.
func (h handler) Square(ctx context.Context, req *message) (*message, error) {
	chat := stream.Open(ctx, h.upstream.StreamrangeSquare) // want `never closed`
	go func() { chat.Send(req) }()
	return chat.Recv()
}

type handler struct {
	upstream service
	chat     *conversation
}

// A context that nothing here cancels.
func dropsCancel(ctx context.Context, stub service) {
	ctx, _ = context.WithTimeout(ctx, time.Minute)
	chat := stream.Open(ctx, stub.StreamrangeSquare) // want `never closed`
	chat.CloseSend()
	ctx, cancel := context.WithCancel(ctx)
	_ = cancel
	chat = stream.Open(ctx, stub.StreamrangeSquare) // want `never closed`
}

func closes(ctx context.Context, stub service, cleanup func(func())) {
	deferred := stream.Open(ctx, stub.StreamrangeSquare)
	defer deferred.Close()
	called := stream.Open(ctx, stub.StreamrangeSquare)
	called.Send(nil)
	called.Close()
	passedOn := stream.Open(ctx, stub.StreamrangeSquare)
	cleanup(passedOn.Close)
	inLiteral := stream.Open(ctx, stub.StreamrangeSquare)
	defer func() { inLiteral.Close() }()
	defer stream.Open(ctx, stub.StreamrangeSquare).Close()
}

func escapes(ctx context.Context, stub service, h *handler) (named, other *conversation) {
	h.chat = stream.Open(ctx, stub.StreamrangeSquare)
	chat := stream.Open(ctx, stub.StreamrangeSquare)
	use(chat)
	use(stream.Open(ctx, stub.StreamrangeSquare))
	again := stream.Open(ctx, stub.StreamrangeSquare)
	h.chat = again
	receive := stream.Open(ctx, stub.StreamrangeSquare).Recv
	receive()
	named = stream.Open(ctx, stub.StreamrangeSquare)
	return named, stream.Open(ctx, stub.StreamrangeSquare)
}

func use(*conversation) {}

// It ends when it has an error.
func receivesUntilAnError(ctx context.Context, stub service) error {
	chat := stream.Open(ctx, stub.StreamrangeSquare)
	go func() {
		defer chat.CloseSend()
		chat.Send(new(message))
	}()
	for {
		if _, err := chat.Recv(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func receivesWhileThereIsNoError(ctx context.Context, stub service) error {
	chat := stream.Open(ctx, stub.StreamrangeSquare)
	var err error
	for err == nil {
		_, err = chat.Recv()
	}
	again := stream.Open(ctx, stub.StreamrangeSquare)
	for _, err := again.Recv(); err == nil; _, err = again.Recv() {
	}
	return err
}

func contextEnds(ctx context.Context, stub service) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	chat := stream.Open(context.WithValue(ctx, "key", "value"), stub.StreamrangeSquare)
	chat.Send(new(message))
	timed, cancelTimed := context.WithTimeout(context.Background(), time.Second)
	chat = stream.Open(timed, stub.StreamrangeSquare)
	chat.Recv()
	cancelTimed()
}

func ofTest(t *testing.T, tb testing.TB, stub service) {
	chat := stream.Open(t.Context(), stub.StreamrangeSquare)
	chat.Send(new(message))
	ctx := tb.Context()
	chat = stream.Open(ctx, stub.StreamrangeSquare)
	chat.Recv()
}

// A detached context does not end with its parent.
func detached(t *testing.T, stub service) {
	chat := stream.Open(context.WithoutCancel(t.Context()), stub.StreamrangeSquare) // want `never closed`
	chat.Send(new(message))
}

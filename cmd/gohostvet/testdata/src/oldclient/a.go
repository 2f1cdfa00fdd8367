package oldclient

import (
	"context"
	"io"

	"google.golang.org/grpc"

	"library"
)

func list(ctx context.Context, conn grpc.ClientConnInterface) (books []*library.Book, err error) {
	client := library.NewLibraryClient(conn) // want "this client can be a stub"
	stream, err := client.List(ctx, &library.Request{})
	if err != nil {
		return nil, err
	}
	for {
		book, err := stream.Recv()
		if err == io.EOF {
			return books, nil
		}
		if err != nil {
			return nil, err
		}
		books = append(books, book)
	}
}

func get(ctx context.Context, conn grpc.ClientConnInterface) (*library.Book, error) {
	return library.NewLibraryClient(conn).Get(ctx, &library.Request{}, grpc.WaitForReady(true)) // want "this client can be a stub"
}

// Others may see what is given to them.
func given(ctx context.Context, client library.LibraryClient) error {
	_, err := client.Get(ctx, &library.Request{})
	return err
}

func gives(ctx context.Context, conn grpc.ClientConnInterface) error {
	return given(ctx, library.NewLibraryClient(conn))
}

func first(ctx context.Context, conn grpc.ClientConnInterface) (*library.Book, error) {
	stream, err := library.NewLibraryClient(conn).List(ctx, &library.Request{}) // want "this client can be a stub"
	if err != nil {
		return nil, err
	}
	return stream.Recv()
}

// Others may see what is given to them: not only this package calls Receive.
func received(ctx context.Context, conn grpc.ClientConnInterface) (*library.Book, error) {
	stream, err := library.NewLibraryClient(conn).List(ctx, &library.Request{})
	if err != nil {
		return nil, err
	}
	return Receive(stream)
}

func Receive(stream grpc.ServerStreamingClient[library.Book]) (*library.Book, error) {
	return stream.Recv()
}

// A header is not what a sequence has.
func header(ctx context.Context, conn grpc.ClientConnInterface) error {
	stream, err := library.NewLibraryClient(conn).List(ctx, &library.Request{})
	if err != nil {
		return err
	}
	_, err = stream.Header()
	return err
}

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

// A Recv that is no loop stays.
func first(ctx context.Context, conn grpc.ClientConnInterface) (*library.Book, error) {
	stream, err := library.NewLibraryClient(conn).List(ctx, &library.Request{})
	if err != nil {
		return nil, err
	}
	return stream.Recv()
}

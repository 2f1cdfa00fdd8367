package oldserver

import (
	"errors"

	"google.golang.org/grpc"

	"library"
)

type server struct {
	library.UnimplementedLibraryServer
	books []*library.Book
}

func (s server) List(req *library.Request, stream grpc.ServerStreamingServer[library.Book]) error {
	if req.Author == "" {
		return errors.New("whose?")
	}
	for _, book := range s.books {
		if err := stream.Send(book); err != nil {
			return err
		}
	}
	return nil
}

// Server is exported.
type Server struct {
	library.UnimplementedLibraryServer
}

func (Server) List(_ *library.Request, stream grpc.ServerStreamingServer[library.Book]) error {
	return stream.Send(new(library.Book))
}

func register(r grpc.ServiceRegistrar) {
	library.RegisterLibraryServer(r, server{}) // want "this server can be implemented with iterators"
	library.RegisterLibraryServer(r, Server{})
}

package goldentest

import (
	"context"
	"io"
	"iter"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/stream"
	pb "github.com/gohostrpc/gohost/testdata/migrating"
)

var books = []*pb.Book{{Title: "Emma", Author: "Austen"}, {Title: "Persuasion", Author: "Austen"}, {Title: "Ulysses", Author: "Joyce"}}

func find(title string) (*pb.Book, error) {
	for _, book := range books {
		if book.GetTitle() == title {
			return book, nil
		}
	}
	return nil, status.Errorf(codes.NotFound, "no book is called %q", title)
}

// oldLibrary is written for protoc-gen-go-grpc.
type oldLibrary struct {
	pb.UnimplementedLibraryServer
}

func (oldLibrary) Get(_ context.Context, req *pb.GetRequest) (*pb.Book, error) {
	return find(req.GetTitle())
}

func (oldLibrary) List(req *pb.ListRequest, call grpc.ServerStreamingServer[pb.Book]) error {
	for _, book := range books {
		if book.GetAuthor() == req.GetAuthor() {
			if err := call.Send(book); err != nil {
				return err
			}
		}
	}
	return nil
}

func (oldLibrary) Add(call grpc.ClientStreamingServer[pb.Book, pb.Added]) error {
	added := new(pb.Added)
	for {
		_, err := call.Recv()
		if err == io.EOF {
			return call.SendAndClose(added)
		}
		if err != nil {
			return err
		}
		added.Books++
	}
}

func (oldLibrary) Find(call grpc.BidiStreamingServer[pb.GetRequest, pb.Book]) error {
	for {
		req, err := call.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		book, err := find(req.GetTitle())
		if err != nil {
			return err
		}
		if err := call.Send(book); err != nil {
			return err
		}
	}
}

// library is the same with iterators.
type library struct{}

func (library) Get(_ context.Context, req *pb.GetRequest) (*pb.Book, error) {
	return find(req.GetTitle())
}

func (library) List(_ context.Context, req *pb.ListRequest) iter.Seq2[*pb.Book, error] {
	return func(yield func(*pb.Book, error) bool) {
		for _, book := range books {
			if book.GetAuthor() == req.GetAuthor() && !yield(book, nil) {
				return
			}
		}
	}
}

func (library) Add(_ context.Context, books iter.Seq2[*pb.Book, error]) (*pb.Added, error) {
	added := new(pb.Added)
	for _, err := range books {
		if err != nil {
			return nil, err
		}
		added.Books++
	}
	return added, nil
}

func (library) Find(_ context.Context, reqs iter.Seq2[*pb.GetRequest, error]) iter.Seq2[*pb.Book, error] {
	return stream.Map(reqs, func(req *pb.GetRequest) (*pb.Book, error) { return find(req.GetTitle()) })
}

// halfMoved is a server for protoc-gen-go-grpc whose methods move one at a time.
type halfMoved struct {
	oldLibrary // the methods that are not moved
	moved      pb.Library
}

func (s halfMoved) Get(ctx context.Context, req *pb.GetRequest) (*pb.Book, error) {
	return s.moved.Get(ctx, req)
}

func (s halfMoved) List(req *pb.ListRequest, call grpc.ServerStreamingServer[pb.Book]) error {
	for book, err := range s.moved.List(call.Context(), req) {
		if err != nil {
			return err
		}
		if err := call.Send(book); err != nil {
			return err
		}
	}
	return nil
}

func (s halfMoved) Add(call grpc.ClientStreamingServer[pb.Book, pb.Added]) error {
	added, err := s.moved.Add(call.Context(), stream.FromRecv(call.Recv))
	if err != nil {
		return err
	}
	return call.SendAndClose(added)
}

func (s halfMoved) Find(call grpc.BidiStreamingServer[pb.GetRequest, pb.Book]) error {
	for book, err := range s.moved.Find(call.Context(), stream.FromRecv(call.Recv)) {
		if err != nil {
			return err
		}
		if err := call.Send(book); err != nil {
			return err
		}
	}
	return nil
}

// libraries has all servers of the service.
var libraries = map[string]func(grpc.ServiceRegistrar){
	"protoc-gen-go-grpc": func(s grpc.ServiceRegistrar) { pb.RegisterLibraryServer(s, oldLibrary{}) },
	"gohost":             func(s grpc.ServiceRegistrar) { pb.RegisterLibrary(s, library{}) },
	"half moved":         func(s grpc.ServiceRegistrar) { pb.RegisterLibraryServer(s, halfMoved{moved: library{}}) },
}

func titles(books []*pb.Book) []string {
	var titles []string
	for _, book := range books {
		titles = append(titles, book.GetTitle())
	}
	return titles
}

func TestMigratingStub(t *testing.T) {
	t.Parallel()
	for name, register := range libraries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stub := pb.NewLibraryStub(inmemory.Connect(t, register))
			book, err := stub.Get(t.Context(), &pb.GetRequest{Title: "Emma"})
			if err != nil || book.GetAuthor() != "Austen" {
				t.Errorf("Get = %v, %v; want a book by Austen", book, err)
			}
			_, err = stub.Get(t.Context(), &pb.GetRequest{Title: "Dracula"})
			checkCode(t, "Get", err, codes.NotFound)
			listed, err := stream.Collect(stub.List(t.Context(), &pb.ListRequest{Author: "Austen"}))
			if got := titles(listed); err != nil || !slices.Equal(got, []string{"Emma", "Persuasion"}) {
				t.Errorf("List = %q, %v; want two books", got, err)
			}
			added, err := stub.Add(t.Context(), stream.Of(books...))
			if err != nil || added.GetBooks() != 3 {
				t.Errorf("Add = %v, %v; want 3", added, err)
			}
			found, err := stream.Collect(stub.Find(t.Context(), stream.Of(&pb.GetRequest{Title: "Ulysses"}, &pb.GetRequest{Title: "Dracula"})))
			if got := titles(found); !slices.Equal(got, []string{"Ulysses"}) {
				t.Errorf("Find = %q, want one book", got)
			}
			checkCode(t, "Find", err, codes.NotFound)
		})
	}
}

func TestMigratingClient(t *testing.T) {
	t.Parallel()
	for name, register := range libraries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := pb.NewLibraryClient(inmemory.Connect(t, register))
			book, err := client.Get(t.Context(), &pb.GetRequest{Title: "Emma"})
			if err != nil || book.GetAuthor() != "Austen" {
				t.Errorf("Get = %v, %v; want a book by Austen", book, err)
			}
			list, err := client.List(t.Context(), &pb.ListRequest{Author: "Austen"})
			if err != nil {
				t.Fatal(err)
			}
			listed, err := stream.Collect(stream.FromRecv(list.Recv))
			if got := titles(listed); err != nil || !slices.Equal(got, []string{"Emma", "Persuasion"}) {
				t.Errorf("List = %q, %v; want two books", got, err)
			}
			add, err := client.Add(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, book := range books {
				if err := add.Send(book); err != nil {
					t.Fatal(err)
				}
			}
			added, err := add.CloseAndRecv()
			if err != nil || added.GetBooks() != 3 {
				t.Errorf("Add = %v, %v; want 3", added, err)
			}
			finder, err := client.Find(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, title := range []string{"Ulysses", "Dracula"} {
				if err := finder.Send(&pb.GetRequest{Title: title}); err != nil {
					t.Fatal(err)
				}
			}
			found, err := stream.Collect(stream.FromRecv(finder.Recv))
			if got := titles(found); !slices.Equal(got, []string{"Ulysses"}) {
				t.Errorf("Find = %q, want one book", got)
			}
			checkCode(t, "Find", err, codes.NotFound)
		})
	}
}

// Package library stands for what both plugins generate.
package library

import (
	"context"
	"iter"

	"google.golang.org/grpc"
)

type (
	Request struct{ Author string }
	Book    struct{ Title string }
)

type LibraryClient interface {
	Get(ctx context.Context, in *Request, opts ...grpc.CallOption) (*Book, error)
	List(ctx context.Context, in *Request, opts ...grpc.CallOption) (grpc.ServerStreamingClient[Book], error)
}

func NewLibraryClient(cc grpc.ClientConnInterface) LibraryClient { return nil }

type LibraryServer interface {
	Get(context.Context, *Request) (*Book, error)
	List(*Request, grpc.ServerStreamingServer[Book]) error
}

type UnimplementedLibraryServer struct{}

func (UnimplementedLibraryServer) Get(context.Context, *Request) (*Book, error)          { return nil, nil }
func (UnimplementedLibraryServer) List(*Request, grpc.ServerStreamingServer[Book]) error { return nil }

func RegisterLibraryServer(r grpc.ServiceRegistrar, srv LibraryServer) {}

type Library interface {
	Get(ctx context.Context, req *Request) (*Book, error)
	List(ctx context.Context, req *Request) iter.Seq2[*Book, error]
}

type LibraryStub struct{}

func NewLibraryStub(cc grpc.ClientConnInterface) LibraryStub { return LibraryStub{} }

func (s LibraryStub) With(opts ...grpc.CallOption) LibraryStub { return s }

func (LibraryStub) Get(ctx context.Context, req *Request) (book *Book, err error) { return }

func (LibraryStub) List(ctx context.Context, req *Request) iter.Seq2[*Book, error] { return nil }

func RegisterLibrary(r grpc.ServiceRegistrar, impl Library) {}

type UnimplementedLibrary struct{}

func (UnimplementedLibrary) Get(context.Context, *Request) (book *Book, err error)        { return }
func (UnimplementedLibrary) List(context.Context, *Request) (seq iter.Seq2[*Book, error]) { return }

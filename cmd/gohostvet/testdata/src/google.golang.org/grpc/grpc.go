// Package grpc stands for the real one in the corpora.
package grpc

import "context"

type (
	CallOption          interface{ before() }
	ClientConnInterface interface{ Invoke() }
	ServiceRegistrar    interface{ RegisterService() }
)

func WaitForReady(bool) CallOption { return nil }

type ClientStream interface {
	CloseSend() error
	Context() context.Context
	Header() (map[string][]string, error)
}

type ServerStream interface{ Context() context.Context }

type ServerStreamingClient[Res any] interface {
	Recv() (*Res, error)
	ClientStream
}

type ServerStreamingServer[Res any] interface {
	Send(*Res) error
	ServerStream
}

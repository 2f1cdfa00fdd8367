// Package grpc stands for the real one in the corpora.
package grpc

type (
	CallOption          interface{ before() }
	ClientConnInterface interface{ Invoke() }
	ServiceRegistrar    interface{ RegisterService() }
)

// Package stream stands for the real one in the corpora.
package stream

import (
	"context"
	"iter"
	"time"

	"google.golang.org/grpc"
)

func ReuseMessages() grpc.CallOption { return nil }

func ReuseRequests(r grpc.ServiceRegistrar) grpc.ServiceRegistrar { return r }

func Of[T any](msgs ...T) iter.Seq2[T, error]                                         { return nil }
func From[T any](seq iter.Seq[T]) iter.Seq2[T, error]                                 { return nil }
func FromChan[T any](ctx context.Context, ch <-chan T) iter.Seq2[T, error]            { return nil }
func Generate[T any](f func(send func(msg T) error) error) iter.Seq2[T, error]        { return nil }
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error)                             { return nil, nil }
func Map[T, U any](seq iter.Seq2[T, error], f func(T) (U, error)) iter.Seq2[U, error] { return nil }

func Scope[T any](ctx context.Context, f func(ctx context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return nil
}

func ScopeResult[T any](ctx context.Context, f func(ctx context.Context) (T, error)) (result T, err error) {
	return
}

func Within[T any](ctx context.Context, d time.Duration, f func(ctx context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return nil
}

func FirstWithin[T any](ctx context.Context, d time.Duration, f func(ctx context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return nil
}

type ResumeOption func()

func Resume[T, P any](ctx context.Context, open func(ctx context.Context, after P) iter.Seq2[T, error], position func(msg T) P, opts ...ResumeOption) iter.Seq2[T, error] {
	return nil
}

func KeepOpen[T any](ctx context.Context, seq iter.Seq2[T, error]) iter.Seq2[T, error] { return nil }

type Chan[T any] struct{ C <-chan T }

func ToRecv[T any](seq iter.Seq2[T, error]) (recv func() (T, error), stop func()) { return nil, nil }

func ToChan[T any](ctx context.Context, seq iter.Seq2[T, error]) *Chan[T] { return nil }

func (*Chan[T]) Err() error { return nil }
func (*Chan[T]) Stop()      {}

type Topic[T any] struct{}

func (*Topic[T]) Subscribe(ctx context.Context) iter.Seq2[T, error] { return nil }

type Conversation[Req, Res any] struct{}

func Open[Req, Res any](ctx context.Context, method func(context.Context, iter.Seq2[Req, error]) iter.Seq2[Res, error]) *Conversation[Req, Res] {
	return nil
}

func (*Conversation[Req, Res]) Send(req Req) error         { return nil }
func (*Conversation[Req, Res]) CloseSend()                 {}
func (*Conversation[Req, Res]) Recv() (res Res, err error) { return }
func (*Conversation[Req, Res]) Close()                     {}

func (*Conversation[Req, Res]) Responses() iter.Seq2[Res, error] { return nil }

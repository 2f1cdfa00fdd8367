package keptmessage

import (
	"context"
	"iter"

	"github.com/gohostrpc/gohost/stream"
	"google.golang.org/grpc"
	"squares"
)

// pooled is a message whose inner messages vtprotobuf pools.
type pooled struct {
	Inner *squares.Message
	List  []*squares.Message
	Name  string
	Next  *pooled
}

func (*pooled) ProtoReflect()                 {}
func (*pooled) ResetVT()                      {}
func (p *pooled) GetInner() *squares.Message  { return p.Inner }
func (p *pooled) GetList() []*squares.Message { return p.List }
func (p *pooled) GetName() string             { return p.Name }
func (p *pooled) GetNext() *pooled            { return p.Next }
func (p *pooled) CloneVT() *squares.Message   { return nil }
func (p *pooled) Getter(int) *squares.Message { return nil }

type pooledServiceStub struct{}

func newPooledServiceStub(cc grpc.ClientConnInterface) pooledServiceStub    { return pooledServiceStub{} }
func (s pooledServiceStub) With(opts ...grpc.CallOption) pooledServiceStub  { return s }
func (s pooledServiceStub) Range(context.Context) iter.Seq2[*pooled, error] { return nil }

// plain is one whose inner message is allocated each time.
type plain struct{ Inner *squares.Message }

func (*plain) ProtoReflect()                {}
func (p *plain) GetInner() *squares.Message { return p.Inner }

type plainServiceStub struct{}

func newPlainServiceStub(cc grpc.ClientConnInterface) plainServiceStub    { return plainServiceStub{} }
func (s plainServiceStub) With(opts ...grpc.CallOption) plainServiceStub  { return s }
func (s plainServiceStub) Range(context.Context) iter.Seq2[*plain, error] { return nil }

func inside(ctx context.Context, conn grpc.ClientConnInterface, out chan<- *squares.Message) {
	var inner []*squares.Message
	var names []string
	byName := make(map[string][]*squares.Message)
	for msg, err := range newPooledServiceStub(conn).With(stream.ReuseMessages()).Range(ctx) {
		if err != nil {
			return
		}
		inner = append(inner, msg.GetInner())           // want `kept`
		inner = append(inner, msg.Next.GetNext().Inner) // want `kept`
		inner = append(inner, msg.List[0])              // want `kept`
		byName[msg.Name] = msg.GetList()                // want `kept`
		byName[msg.GetName()] = msg.GetList()[1:]       // want `kept`
		out <- msg.Inner                                // want `sent to a channel`
		next := msg.GetNext()
		inner = append(inner, next.GetInner()) // want `kept`
		inner = append(inner, msg.CloneVT(), msg.Getter(1))
		names = append(names, msg.GetName(), msg.Name)
	}
	for msg, err := range newPlainServiceStub(conn).With(stream.ReuseMessages()).Range(ctx) {
		if err != nil {
			return
		}
		inner = append(inner, msg.GetInner(), msg.Inner)
		out <- msg.GetInner()
	}
	use2(inner, names, byName)
}

func use2(...any) {}

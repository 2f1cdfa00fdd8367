package goldentest

import (
	"context"
	"iter"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/comments"
	"github.com/gohostrpc/gohost/testdata/deprecated"
	"github.com/gohostrpc/gohost/testdata/edition2023"
	"github.com/gohostrpc/gohost/testdata/edition2024"
	"github.com/gohostrpc/gohost/testdata/imports"
	"github.com/gohostrpc/gohost/testdata/imports/dep"
	"github.com/gohostrpc/gohost/testdata/imports/req"
	"github.com/gohostrpc/gohost/testdata/listed"
	"github.com/gohostrpc/gohost/testdata/packagesuffix"
	"github.com/gohostrpc/gohost/testdata/packagesuffix/packagesuffixrpc"
)

type importer struct{ imports.UnimplementedImporter }

func (importer) Nested(context.Context, *dep.OuterInnerMessage) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (importer) Stream(_ context.Context, reqs iter.Seq2[*req.Req, error]) iter.Seq2[*dep.OuterInnerMessage, error] {
	return stream.Map(reqs, func(r *req.Req) (*dep.OuterInnerMessage, error) {
		return &dep.OuterInnerMessage{Text: r.GetText()}, nil
	})
}

func TestImports(t *testing.T) {
	t.Parallel()
	stub := imports.NewImporterStub(inmemory.Connect(t, func(s grpc.ServiceRegistrar) { imports.RegisterImporter(s, importer{}) }))
	if _, err := stub.Nested(t.Context(), &dep.OuterInnerMessage{}); err != nil {
		t.Error(err)
	}
	got, err := stream.Collect(stub.Stream(t.Context(), stream.Of(&req.Req{Text: "a"})))
	if err != nil || len(got) != 1 || got[0].GetText() != "a" {
		t.Errorf("Stream = %v, %v; want one message with a", got, err)
	}
}

type store struct {
	packagesuffixrpc.UnimplementedStore
}

func (store) Put(_ context.Context, items iter.Seq2[*packagesuffix.Item, error]) (*packagesuffix.Summary, error) {
	all, err := stream.Collect(items)
	return &packagesuffix.Summary{Items: int64(len(all))}, err
}

func TestPackageSuffix(t *testing.T) {
	t.Parallel()
	stub := packagesuffixrpc.NewStoreStub(inmemory.Connect(t, func(s grpc.ServiceRegistrar) { packagesuffixrpc.RegisterStore(s, store{}) }))
	got, err := stub.Put(t.Context(), stream.Of(&packagesuffix.Item{}, &packagesuffix.Item{}))
	if err != nil || got.GetItems() != 2 {
		t.Errorf("Put = %v, %v; want 2 items", got, err)
	}
}

type edition23 struct {
	edition2023.UnimplementedEdition2023
}

func (edition23) Bidi(_ context.Context, reqs iter.Seq2[*edition2023.Value, error]) iter.Seq2[*edition2023.Value, error] {
	return reqs
}

type edition24 struct {
	edition2024.UnimplementedEdition2024
}

func (edition24) Bidi(_ context.Context, reqs iter.Seq2[*edition2024.Value, error]) iter.Seq2[*edition2024.Value, error] {
	return reqs
}

func TestEditions(t *testing.T) {
	t.Parallel()
	conn := inmemory.Connect(t, func(s grpc.ServiceRegistrar) {
		edition2023.RegisterEdition2023(s, edition23{})
		edition2024.RegisterEdition2024(s, edition24{})
	})
	old := &edition2023.Value{}
	old.Text = new(string) // a message with open struct fields and explicit presence
	checkSame(t, edition2023.NewEdition2023Stub(conn).Bidi(t.Context(), stream.Of(old)), stream.Of(old))
	opaque := edition2024.Value_builder{Text: new(string)}.Build()
	checkSame(t, edition2024.NewEdition2024Stub(conn).Bidi(t.Context(), stream.Of(opaque)), stream.Of(opaque))
}

// A method of any kind that is not implemented says so.
func TestUnimplemented(t *testing.T) {
	t.Parallel()
	conn := inmemory.Connect(t, func(s grpc.ServiceRegistrar) {
		comments.RegisterCommented(s, comments.UnimplementedCommented{})
		deprecated.RegisterMixed(s, deprecated.UnimplementedMixed{})
	})
	stub := comments.NewCommentedStub(conn)
	empty := &comments.Empty{}
	_, err := stub.Line(t.Context(), empty)
	checkCode(t, "unary", err, codes.Unimplemented)
	_, err = stream.Collect(stub.Block(t.Context(), empty))
	checkCode(t, "server streaming", err, codes.Unimplemented)
	_, err = stub.Directives(t.Context(), stream.Of(empty))
	checkCode(t, "client streaming", err, codes.Unimplemented)
	_, err = stream.Collect(stub.None(t.Context(), stream.Of(empty)))
	checkCode(t, "bidirectional", err, codes.Unimplemented)
	_, err = deprecated.NewMixedStub(conn).Stays(t.Context(), &deprecated.Empty{})
	checkCode(t, "unary beside deprecated methods", err, codes.Unimplemented)
}

// orders answers each method with the host of the call.
type orders struct {
	listed.UnimplementedOrderService
}

func (orders) Find(_ context.Context, reqs iter.Seq2[*listed.GetRequest, error]) iter.Seq2[*listed.Order, error] {
	return stream.Map(reqs, func(r *listed.GetRequest) (*listed.Order, error) { return &listed.Order{Id: r.GetId()}, nil })
}

func (orders) Watch(ctx context.Context, _ *listed.GetRequest) iter.Seq2[*listed.Order, error] {
	return stream.Of(&listed.Order{Id: gohost.HostFromContext(ctx)})
}

func (orders) Get(ctx context.Context, _ *listed.GetRequest) (*listed.Order, error) {
	return &listed.Order{Id: gohost.HostFromContext(ctx)}, nil
}

// Calls name the hosts from {service_short} and from a method.
func TestListed(t *testing.T) {
	t.Parallel()
	service := listed.NewOrderServiceStub(inmemory.Connect(t, func(s grpc.ServiceRegistrar) { listed.RegisterOrderService(s, orders{}) }))
	if got, err := service.Get(t.Context(), &listed.GetRequest{}); err != nil || got.GetId() != "order.example" {
		t.Errorf("Get was called at %q, %v; want order.example", got.GetId(), err)
	}
	order := &listed.Order{Id: "watch.order.example"}
	checkSame(t, service.Watch(t.Context(), &listed.GetRequest{}), stream.Of(order))
	order = &listed.Order{Id: "1"}
	checkSame(t, service.Find(t.Context(), stream.Of(&listed.GetRequest{Id: "1"})), stream.Of(order))
}

package gateway_test

import (
	"context"
	"testing"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/gateway"
	"github.com/gohostrpc/gohost/stub"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// The interfaces and the stubs of services, as generated in this package, and
// types that look alike.
type (
	Echo interface {
		Echo(context.Context, *msg) (*msg, error)
	}
	EchoStub struct{ stub stub.Stub }
	Other    EchoStub // is not the stub of Echo

	Fuller     interface{ Echo }
	FullerStub struct {
		stub stub.Stub
		Other
	}

	Fake     interface{ Echo }
	FakeStub struct{ Other }

	// SquareServiceStub has the name of a stub in another package.
	SquareServiceStub struct{ stub stub.Stub }
)

func (s EchoStub) Echo(ctx context.Context, req *msg) (*msg, error) {
	return stub.Unary(ctx, s.stub, squares.SquareService_Square_Method, req, new(msg))
}

func (o Other) Echo(ctx context.Context, req *msg) (*msg, error) { return EchoStub(o).Echo(ctx, req) }

func (SquareServiceStub) Square(context.Context, *msg) (*msg, error)    { return nil, nil }
func (SquareServiceStub) RangeSquare(context.Context, *msg) msgs        { return nil }
func (SquareServiceStub) SumSquare(context.Context, msgs) (*msg, error) { return nil, nil }
func (SquareServiceStub) StreamrangeSquare(context.Context, msgs) msgs  { return nil }

// registrar records the registered description.
type registrar struct{ desc *grpc.ServiceDesc }

func (r *registrar) RegisterService(desc *grpc.ServiceDesc, _ any) { r.desc = desc }

// A type is a stub if its package, its name and its fields are as generated.
func TestWhatIsAStub(t *testing.T) {
	t.Parallel()
	conn := gateway.Conn(struct{ grpc.ClientConnInterface }{}, gateway.Raw())
	s := stub.New(conn, &squares.SquareServiceHosts)
	for name, test := range map[string]struct {
		service any // a pointer to the interface
		impl    any
		raw     bool
	}{
		"a stub":                     {(*Echo)(nil), EchoStub{s}, true},
		"a pointer to one":           {(*Echo)(nil), &EchoStub{s}, true},
		"a stub without anything":    {(*Echo)(nil), EchoStub{}, false},
		"another type":               {(*Echo)(nil), Other{s}, false},
		"a stub with more in it":     {(*Fuller)(nil), FullerStub{s, Other{s}}, false},
		"a stub of something else":   {(*Fake)(nil), FakeStub{Other{s}}, false},
		"a stub of another package":  {(*squares.SquareService)(nil), SquareServiceStub{s}, false},
		"an interface without name":  {(*interface{ Echo })(nil), EchoStub{s}, false},
		"no interface that is known": {nil, EchoStub{s}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			desc := &grpc.ServiceDesc{ServiceName: "echo", HandlerType: test.service}
			var r registrar
			stub.Register(&r, desc, &squares.SquareServiceHosts, test.impl)
			if raw := r.desc != desc; raw != test.raw {
				t.Errorf("raw is %v, want %v", raw, test.raw)
			}
		})
	}
}

package implementation_test

import (
	"context"
	"iter"
	"strings"
	"testing"

	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/gohostrpc/gohost/internal/implementation"
	"github.com/gohostrpc/gohost/testdata/squares"
)

type (
	byValue struct {
		squares.UnimplementedSquareService
	}
	byPointer struct {
		*squares.UnimplementedSquareService
	}
	alias      = squares.UnimplementedSquareService
	byAlias    struct{ *alias }
	deeper     struct{ byPointer }
	behind     struct{ *byValue }
	fieldAlone struct {
		squares.SquareService
		Unimplemented *squares.UnimplementedSquareService // nothing is promoted from it
	}
	// A shallower one hides the nil pointer.
	hidden struct {
		squares.UnimplementedSquareService
		byPointer
	}
	// It has all methods, but one that is added to the .proto would crash.
	complete struct {
		*squares.UnimplementedSquareService
	}
	decorator struct{ squares.SquareService }
	around    struct{ *decorator }
	handler   func()
	other     struct {
		squares.UnimplementedSquareService
		*healthpb.UnimplementedHealthServer // another service's
	}
)

func (complete) Square(context.Context, *squares.Message) (*squares.Message, error) { return nil, nil }
func (complete) RangeSquare(context.Context, *squares.Message) iter.Seq2[*squares.Message, error] {
	return nil
}
func (complete) SumSquare(context.Context, iter.Seq2[*squares.Message, error]) (*squares.Message, error) {
	return nil, nil
}
func (complete) StreamrangeSquare(context.Context, iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
	return nil
}

func (h handler) Check(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	return nil, nil
}

func TestCheck(t *testing.T) {
	t.Parallel()
	circle := new(decorator)
	circle.SquareService = circle
	unimplemented := new(squares.UnimplementedSquareService)
	const embeds = "embeds squares.UnimplementedSquareService by a nil pointer: embed it by value, without *"
	for name, test := range map[string]struct {
		impl any
		want string // "" if nothing is wrong
	}{
		"by value":                      {byValue{}, ""},
		"pointer to by value":           {&byValue{}, ""},
		"Unimplemented itself":          {squares.UnimplementedSquareService{}, ""},
		"by a pointer that is not nil":  {&byPointer{unimplemented}, ""},
		"hidden by a shallower one":     {hidden{}, ""},
		"a field that is not embedded":  {fieldAlone{SquareService: byValue{}}, ""},
		"another service's":             {other{}, ""},
		"a stub":                        {squares.SquareServiceStub{}, ""},
		"nil interface, a partial fake": {decorator{}, ""},
		"decorator":                     {decorator{&byValue{}}, ""},
		"decorator of itself":           {circle, ""},
		"nil pointer to a decorator":    {around{}, ""}, // like a nil interface

		"nil":                              {nil, "the implementation is nil"},
		"nil pointer":                      {(*byValue)(nil), "the implementation is a nil *implementation_test.byValue: register a value, such as &implementation_test.byValue{}"},
		"something else":                   {1, "int does not implement squares.SquareService"},
		"by nil pointer":                   {byPointer{}, "implementation_test.byPointer " + embeds},
		"pointer to by nil pointer":        {&byPointer{}, "*implementation_test.byPointer " + embeds},
		"by an alias":                      {byAlias{}, "implementation_test.byAlias " + embeds},
		"deeper":                           {&deeper{}, "*implementation_test.deeper " + embeds},
		"by value, behind a nil pointer":   {behind{}, "implementation_test.behind " + embeds},
		"in a decorator":                   {decorator{&byPointer{}}, "*implementation_test.byPointer " + embeds},
		"in a decorator of a decorator":    {around{&decorator{decorator{&byPointer{}}}}, "*implementation_test.byPointer " + embeds},
		"a decorator of a nil pointer":     {decorator{(*byValue)(nil)}, "the implementation is a nil *implementation_test.byValue: register a value, such as &implementation_test.byValue{}"},
		"a nil Unimplemented":              {(*squares.UnimplementedSquareService)(nil), "register a value, such as &squares.UnimplementedSquareService{}"},
		"by nil pointer, with all methods": {complete{}, "implementation_test.complete " + embeds},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkText(t, implementation.Check(&squares.SquareServiceDesc, test.impl), squares.SquareServiceName, test.want)
		})
	}
}

// checkText checks that err says what is wrong with an implementation of service.
func checkText(t *testing.T, err error, service, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("error = %v, want none", err)
		}
		return
	}
	if err == nil || !strings.HasPrefix(err.Error(), "service "+service+": ") || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error = %v, want one that ends with %s", err, want)
	}
}

// Check accepts descriptions of protoc-gen-go-grpc and those without an
// interface.
func TestCheckOfOtherDescriptions(t *testing.T) {
	t.Parallel()
	const health = "grpc.health.v1.Health"
	checkText(t, implementation.Check(&healthpb.Health_ServiceDesc, healthpb.UnimplementedHealthServer{}), health, "")
	checkText(t, implementation.Check(&healthpb.Health_ServiceDesc, (*healthpb.UnimplementedHealthServer)(nil)), health, "register a value, such as &grpc_health_v1.UnimplementedHealthServer{}")
	checkText(t, implementation.Check(&healthpb.Health_ServiceDesc, struct {
		*healthpb.UnimplementedHealthServer
	}{}), health, "embeds grpc_health_v1.UnimplementedHealthServer by a nil pointer: embed it by value, without *")
	for name, desc := range map[string]*grpc.ServiceDesc{
		"no interface":        {ServiceName: "a.S"},
		"the empty interface": {ServiceName: "a.S", HandlerType: (*any)(nil)},
		"without a name":      {ServiceName: "a.S", HandlerType: (*interface{ Error() string })(nil)},
	} {
		if err := implementation.Check(desc, context.Canceled); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		checkText(t, implementation.Check(desc, nil), "a.S", "the implementation is nil")
	}
	desc := &grpc.ServiceDesc{ServiceName: "a.S", HandlerType: (*interface {
		Check(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error)
	})(nil)}
	checkText(t, implementation.Check(desc, handler(nil)), "a.S", "") // its methods need no receiver
}

func TestMust(t *testing.T) {
	t.Parallel()
	implementation.Must(&squares.SquareServiceDesc, byValue{})
	defer func() {
		err, _ := recover().(error)
		const want = "gohost: service " + squares.SquareServiceName + ": implementation_test.byPointer embeds"
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("panic with %v, want %s…", err, want)
		}
	}()
	implementation.Must(&squares.SquareServiceDesc, byPointer{})
}

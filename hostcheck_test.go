package gohost_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/testdata/hosts"
	"github.com/gohostrpc/gohost/testdata/squares"
)

func TestAccepts(t *testing.T) {
	t.Parallel()
	const method, bulk = "/a.S/Get", "/a.S/Bulk"
	s := &gohost.ServiceHosts{
		Name: "a.S", Host: "s.example", Aliases: []string{"alias.example", "*.s.example"},
		MethodHosts: []gohost.MethodHost{{FullName: bulk, Host: "bulk.example"}},
	}
	onlyMethod := &gohost.ServiceHosts{Name: "a.S", MethodHosts: s.MethodHosts}
	for _, test := range []struct {
		service           *gohost.ServiceHosts
		method, authority string
		want              bool
	}{
		{s, method, "s.example", true},
		{s, method, "S.EXAMPLE:443", true},
		{s, method, "s.example.", true},
		{s, method, "alias.example", true},
		{s, method, "a.s.example", true},
		{s, method, "a.b.s.example", true},
		{s, method, "xs.example", false},
		{s, method, ".s.example", false},
		{s, method, "bulk.example", false},
		{s, method, "", false},
		{s, method, "s.example/x", false},
		{s, bulk, "bulk.example", true},
		{s, bulk, "s.example", true},
		{onlyMethod, method, "anything.example", true},
		{onlyMethod, method, "a b", true},
		{onlyMethod, bulk, "bulk.example", true},
		{onlyMethod, bulk, "anything.example", false},
		{&gohost.ServiceHosts{Name: "a.S"}, method, "", true},
		{&gohost.ServiceHosts{Name: "a.S", Aliases: []string{"*.s.example"}}, method, "s.example", false},
	} {
		if got := test.service.Accepts(test.method, test.authority); got != test.want {
			t.Errorf("%+v.Accepts(%s, %q) = %v", test.service, test.method, test.authority, got)
		}
	}
}

// checked returns a server with the interceptors of check.
func checked(t *testing.T, check *gohost.HostCheck) (*server, *grpc.ClientConn) {
	t.Helper()
	return start(t, grpc.ChainUnaryInterceptor(check.Unary), grpc.ChainStreamInterceptor(check.Stream))
}

func newHostCheck(t *testing.T, mode gohost.CheckMode, opts ...gohost.HostCheckOption) *gohost.HostCheck {
	t.Helper()
	check, err := gohost.NewHostCheck(mode, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return check
}

func TestHostCheckEnforces(t *testing.T) {
	t.Parallel()
	s, conn := checked(t, newHostCheck(t, gohost.CheckEnforce, gohost.AlsoAccept("*.Staging.example"), gohost.AlsoAccept("127.0.0.1")))
	stub := squares.NewSquareServiceStub(conn)
	for _, host := range []string{"square.example", "SQUARE.example:80", "a.staging.example", "127.0.0.1:8080"} {
		checkAnswers(t, stub.With(grpc.CallAuthority(host)), 0)
		checkSeen(t, s, host)
	}
	for _, host := range []string{"other.example", "staging.example", ""} {
		name := host
		if host == "" {
			name = "channel"
		}
		for _, err := range checkCodes(t, stub.With(grpc.CallAuthority(host)), codes.Unimplemented, "is not served for host \""+name+"\"") {
			checkNotServed(t, err, name)
		}
	}
	if seen := s.seen(); len(seen) > 0 {
		t.Errorf("calls have reached the service, for %q", seen)
	}
}

// checkNotServed checks the details of the error.
func checkNotServed(t *testing.T, err error, host string) {
	t.Helper()
	details := status.Convert(err).Details()
	if len(details) != 1 {
		t.Fatalf("details = %v, want one", details)
	}
	info, ok := details[0].(*errdetails.ErrorInfo)
	if !ok || info.GetReason() != gohost.ReasonHostNotServed || info.GetReason() != "HOST_NOT_SERVED" || info.GetDomain() != gohost.ErrorDomain ||
		info.GetMetadata()["host"] != host || info.GetMetadata()["service"] != squares.SquareServiceName {
		t.Errorf("details = %v, want HOST_NOT_SERVED with host %q", details, host)
	}
}

func TestHostCheckLogs(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	check := newHostCheck(t, gohost.CheckLog, gohost.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	s, conn := checked(t, check)
	checkAnswers(t, squares.NewSquareServiceStub(conn), 0)
	checkSeen(t, s, "square.example")
	if log.Len() > 0 {
		t.Errorf("log = %s, want none", &log)
	}
	checkAnswers(t, squares.NewSquareServiceStub(conn).With(grpc.CallAuthority("other.example")), 0)
	checkSeen(t, s, "other.example")
	if got := log.String(); strings.Count(got, "\n") != 4 || strings.Count(got, "host=other.example declared=[square.example]") != 4 {
		t.Errorf("log = %s, want 4 lines with the host", got)
	}
}

func TestHostCheckOff(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	check := newHostCheck(t, gohost.CheckOff, gohost.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	s, conn := checked(t, check)
	checkAnswers(t, squares.NewSquareServiceStub(conn).With(grpc.CallAuthority("other.example")), 0)
	checkSeen(t, s, "other.example")
	if log.Len() > 0 {
		t.Errorf("log = %s, want none", &log)
	}
}

// Without WithLogger the logger is that of package slog at the time of the
// call.
func TestHostCheckLogsByDefault(t *testing.T) { //nolint:paralleltest // all tests share the default logger
	var buf bytes.Buffer
	check := newHostCheck(t, gohost.CheckLog)
	defer log.SetOutput(log.Writer()) // SetDefault changes package log, too
	defer log.SetFlags(log.Flags())
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.NewTextHandler(&buf, nil)))
	served := false
	_, err := check.Unary(naming("other.example"), nil, &grpc.UnaryServerInfo{FullMethod: hosts.Tenants_Who_Method},
		func(context.Context, any) (any, error) { served = true; return nil, nil })
	if err != nil || !served {
		t.Errorf("served %v, %v; the mode Log refuses nothing", served, err)
	}
	if got := buf.String(); !strings.Contains(got, "a call names a host that its service does not declare") || !strings.Contains(got, "host=other.example") {
		t.Errorf("log = %s, want a line with the host", got)
	}
}

// naming returns the context of a server's call that names authority.
func naming(authority string) context.Context {
	gohost.Declare(&hosts.TenantsHosts)
	return metadata.NewIncomingContext(context.Background(), metadata.Pairs(":authority", authority))
}

// A method's own host is accepted only for that method.
func TestHostCheckOfAMethodsOwnHost(t *testing.T) {
	t.Parallel()
	// The alias "*.tenants.example" of Tenants would accept that host too.
	service := &gohost.ServiceHosts{Name: "hosts.Checked", Host: "s.example", MethodHosts: []gohost.MethodHost{{FullName: "/hosts.Checked/Bulk", Host: "bulk.example"}}}
	gohost.Declare(service)
	check := newHostCheck(t, gohost.CheckEnforce)
	for method, want := range map[string]codes.Code{"/hosts.Checked/Bulk": codes.OK, "/hosts.Checked/Get": codes.Unimplemented} {
		_, err := check.Unary(naming("bulk.example"), nil, &grpc.UnaryServerInfo{FullMethod: method},
			func(context.Context, any) (any, error) { return nil, nil })
		if status.Code(err) != want {
			t.Errorf("%s: %v, want %v", method, err, want)
		}
	}
}

// A client may send a host of any length and any bytes. The answer has a part
// of it as text, and the details are not lost.
func TestHostNotServedOfJunk(t *testing.T) {
	t.Parallel()
	check := newHostCheck(t, gohost.CheckEnforce)
	long := strings.Repeat("x", 300)
	for authority, want := range map[string]string{
		long:                              long,
		long + "y":                        long + "…",
		strings.Repeat("x", 1<<16):        long + "…",
		"a\xffb.example":                  "a\uFFFDb.example",
		long[1:] + "é":                    long[1:] + "\uFFFD…", // cut within a letter
		"\xff" + strings.Repeat("x", 300): "\uFFFD" + long[1:] + "…",
	} {
		_, err := check.Unary(naming(authority), nil, &grpc.UnaryServerInfo{FullMethod: hosts.Tenants_Who_Method}, nil)
		s := status.Convert(err)
		if s.Code() != codes.Unimplemented || s.Message() != fmt.Sprintf("service %s is not served for host %q", hosts.TenantsName, want) {
			t.Errorf("%.20q…: %v %q, want host %q", authority, s.Code(), s.Message(), want)
		}
		if len(s.Details()) != 1 {
			t.Errorf("%.20q…: details %v, want one", authority, s.Details())
			continue
		}
		if info, ok := s.Details()[0].(*errdetails.ErrorInfo); !ok || info.GetMetadata()["host"] != want {
			t.Errorf("%.20q…: details %v, want host %q", authority, s.Details(), want)
		}
	}
}

// Services that nobody has declared are served for every host.
func TestHostCheckOfOtherServices(t *testing.T) {
	t.Parallel()
	check := newHostCheck(t, gohost.CheckEnforce)
	conn := inmemory.Connect(t, func(r grpc.ServiceRegistrar) { healthpb.RegisterHealthServer(r, health.NewServer()) },
		grpc.ChainUnaryInterceptor(check.Unary))
	if _, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil {
		t.Error(err)
	}
}

func TestHostCheckOfInvalidHosts(t *testing.T) {
	t.Parallel()
	_, err := gohost.NewHostCheck(gohost.CheckEnforce, gohost.AlsoAccept("a.example", "a b", "*"), gohost.AlsoAccept("a.example:80"))
	for _, want := range []string{`invalid host "a b"`, `invalid host "*"`, `invalid host "a.example:80": it has a port`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want one with %s", err, want)
		}
	}
}

func TestHostCheckOfAnUnknownMode(t *testing.T) {
	t.Parallel()
	for _, mode := range []gohost.CheckMode{-1, 3, 42} {
		check, err := gohost.NewHostCheck(mode, gohost.AlsoAccept("a b"))
		for _, want := range []string{fmt.Sprintf("gohost.NewHostCheck: there is no mode %d: allowed are CheckOff (0), CheckLog (1) and CheckEnforce (2)", mode), `invalid host "a b"`} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error = %v, want one with %s", err, want)
			}
		}
		if check != nil {
			t.Errorf("HostCheck = %v beside an error", check)
		}
	}
}

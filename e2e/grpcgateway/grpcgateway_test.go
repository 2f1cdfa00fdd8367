// Package grpcgateway puts grpc-gateway, which translates REST into gRPC, in front of a
// server of gohost. It tests what docs/faq.md says about it.
package grpcgateway

import (
	"bytes"
	"context"
	"flag"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	rest "github.com/gohostrpc/gohost/e2e/grpcgateway/migrating"
	"github.com/gohostrpc/gohost/e2e/internal/linked"
	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/internal/plugintest"
	"github.com/gohostrpc/gohost/stream"
	pb "github.com/gohostrpc/gohost/testdata/migrating"
)

var update = flag.Bool("update", false, "write the generated code of grpc-gateway instead of comparing it")

// library is a server with iterators. gone is closed when a client has left Find.
type library struct{ gone chan struct{} }

func (library) Get(_ context.Context, req *pb.GetRequest) (*pb.Book, error) {
	if req.GetTitle() == "" {
		return nil, status.Error(codes.NotFound, "no title")
	}
	return &pb.Book{Title: req.GetTitle()}, nil
}

func (library) List(_ context.Context, req *pb.ListRequest) iter.Seq2[*pb.Book, error] {
	return stream.Of(&pb.Book{Title: "Emma", Author: req.GetAuthor()}, &pb.Book{Title: "Persuasion", Author: req.GetAuthor()})
}

func (library) Add(_ context.Context, books iter.Seq2[*pb.Book, error]) (*pb.Added, error) {
	all, err := stream.Collect(books)
	return &pb.Added{Books: int64(len(all))}, err
}

func (l library) Find(ctx context.Context, reqs iter.Seq2[*pb.GetRequest, error]) iter.Seq2[*pb.Book, error] {
	return func(yield func(*pb.Book, error) bool) {
		for req, err := range reqs {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(l.Get(ctx, req)) {
				return
			}
			if req.GetTitle() == "wait" {
				<-ctx.Done()
				close(l.gone)
				return
			}
		}
	}
}

// The Client form works, over a connection that names the host and within the process.
func TestClientForm(t *testing.T) {
	t.Parallel()
	check, err := gohost.NewHostCheck(gohost.CheckEnforce)
	if err != nil {
		t.Fatal(err)
	}
	for name, connect := range map[string]func(t *testing.T, impl pb.Library) grpc.ClientConnInterface{
		"gohost.Conn": func(t *testing.T, impl pb.Library) grpc.ClientConnInterface {
			t.Helper()
			conn := inmemory.Connect(t, func(r grpc.ServiceRegistrar) { pb.RegisterLibrary(r, impl) },
				grpc.ChainUnaryInterceptor(check.Unary), grpc.ChainStreamInterceptor(check.Stream))
			return gohost.Conn(conn, pb.LibraryHost)
		},
		"gohostconnect in process": func(t *testing.T, impl pb.Library) grpc.ClientConnInterface {
			t.Helper()
			registrar := gohostconnect.NewRegistrar(connect.NewServer())
			pb.RegisterLibrary(registrar, impl)
			return gohostconnect.NewConn(registrar.InProcess())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			impl := library{gone: make(chan struct{})}
			mux := runtime.NewServeMux()
			if err := rest.RegisterLibraryHandlerClient(t.Context(), mux, pb.NewLibraryClient(connect(t, impl))); err != nil {
				t.Fatal(err)
			}
			front := httptest.NewServer(mux)
			t.Cleanup(front.Close)
			for _, c := range []struct{ kind, method, body, want string }{
				{"unary", "Get", `{"title": "Emma"}`, `200 {"title":"Emma","author":""}`},
				{"error", "Get", `{}`, `404 {"code":5,"message":"no title","details":[]}`},
				{"server streaming", "List", `{"author": "Austen"}`, `200 {"result":{"title":"Emma","author":"Austen"}} {"result":{"title":"Persuasion","author":"Austen"}}`},
				{"client streaming", "Add", `{"title": "Emma"} {"title": "Persuasion"}`, `200 {"books":"2"}`},
				{"bidirectional", "Find", `{"title": "Emma"} {"title": "Persuasion"}`, `200 {"result":{"title":"Emma","author":""}} {"result":{"title":"Persuasion","author":""}}`},
				{"error of a stream", "Find", `{"title": "Emma"} {}`, `200 {"result":{"title":"Emma","author":""}} {"error":{"code":5,"message":"no title","details":[]}}`},
			} {
				t.Run(c.kind, func(t *testing.T) {
					t.Parallel()
					if got := post(t, t.Context(), front, c.method, c.body); got != c.want {
						t.Errorf("%s\nwant %s", got, c.want)
					}
				})
			}
			t.Run("a client that leaves", func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithCancel(t.Context())
				res := begin(t, ctx, front, "Find", `{"title": "wait"}`)
				if _, err := res.Body.Read(make([]byte, 1)); err != nil {
					t.Error(err)
				}
				cancel()
				select {
				case <-impl.gone:
				case <-time.After(10 * time.Second):
					t.Error("the handler has not learned of it")
				}
				_ = res.Body.Close()
			})
		})
	}
}

// Without gohost.Conn the calls name the target of the connection.
func TestRegisterHandlerNamesTheTarget(t *testing.T) {
	t.Parallel()
	check, err := gohost.NewHostCheck(gohost.CheckEnforce)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"": "501", pb.LibraryHost: "200"} {
		listener := inmemory.Serve(t, func(r grpc.ServiceRegistrar) { pb.RegisterLibrary(r, library{}) }, grpc.ChainUnaryInterceptor(check.Unary))
		conn := inmemory.Dial(t, listener, grpc.WithDefaultCallOptions(gohost.Host(name)))
		mux := runtime.NewServeMux()
		if err := rest.RegisterLibraryHandler(t.Context(), mux, conn); err != nil {
			t.Fatal(err)
		}
		front := httptest.NewServer(mux)
		t.Cleanup(front.Close)
		if got := post(t, t.Context(), front, "Get", `{"title": "Emma"}`); !strings.HasPrefix(got, want+" ") {
			t.Errorf("host %q: %s, want %s", name, got, want)
		}
	}
}

// The Server form does not accept a server with iterators, and does not support streams
// for other servers.
func TestServerForm(t *testing.T) {
	t.Parallel()
	register := rest.RegisterLibraryHandlerServer // its parameter is a pb.LibraryServer
	if _, ok := any(library{}).(pb.LibraryServer); ok {
		t.Error("the Server form accepts a server with iterators: correct docs/faq.md")
	}
	mux := runtime.NewServeMux()
	if err := register(t.Context(), mux, pb.UnimplementedLibraryServer{}); err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(mux)
	t.Cleanup(front.Close)
	for _, method := range []string{"List", "Add", "Find"} {
		got := post(t, t.Context(), front, method, `{}`)
		if !strings.HasPrefix(got, "501 ") || !strings.Contains(got, "streaming calls are not yet supported in the in-process transport") {
			t.Errorf("%s: %s", method, got)
		}
	}
}

// begin posts body to a method, and returns the response.
func begin(t *testing.T, ctx context.Context, front *httptest.Server, method, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, front.URL+"/"+pb.LibraryName+"/"+method, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := front.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// post returns the status and the JSON response of a method to body, on one line and
// without the random spaces of protojson.
func post(t *testing.T, ctx context.Context, front *httptest.Server, method, body string) string {
	t.Helper()
	res := begin(t, ctx, front, method, body)
	defer res.Body.Close() //nolint:errcheck // it is read to its end
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	answer = bytes.ReplaceAll(answer, []byte(": "), []byte(":"))
	answer = bytes.ReplaceAll(answer, []byte(", "), []byte(","))
	return strings.Join(append([]string{strings.Fields(res.Status)[0]}, strings.Split(strings.TrimSpace(string(answer)), "\n")...), " ")
}

// The code in folder migrating is the output of grpc-gateway for the service.
func TestGenerated(t *testing.T) {
	t.Parallel()
	plugin := filepath.Join(t.TempDir(), "protoc-gen-grpc-gateway")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", plugin, "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-grpc-gateway")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	req := linked.Request(t, "standalone=true,generate_unbound_methods=true", pb.File_migrating_library_proto)
	res := plugintest.Exec(t, exec.CommandContext(t.Context(), plugin), req)
	files, err := plugintest.Files(res)
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	const committed = "migrating/library.pb.gw.go"
	for _, text := range files {
		if *update {
			if err := os.WriteFile(committed, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if was, err := os.ReadFile(committed); err != nil || string(was) != text {
			t.Errorf("%s is outdated (%v): run go test -C e2e ./grpcgateway -run TestGenerated -update", committed, err)
		}
	}
}

package peers

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/gohostrpc/gohost/e2e/internal/samples"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// TestGrpcurl calls our server with grpcurl, which learns our services from reflection.
func TestGrpcurl(t *testing.T) {
	t.Parallel()
	grpcurl := filepath.Join(t.TempDir(), "grpcurl")
	run(t, exec.Command("go", "build", "-o", grpcurl, "github.com/fullstorydev/grpcurl/cmd/grpcurl"))
	cert := samples.NewCertificate(t)
	const square = "squarerpc_service.SquareService/"
	tests := map[string]struct {
		args  []string // before the address
		after []string // after the address
		in    string
		want  any // the JSON values that it prints, or a part of its output
		code  codes.Code
	}{
		"list of services":    {after: []string{"list"}, want: "squarerpc_service.SquareService"},
		"list of methods":     {after: []string{"list", "feed.RedisStream"}, want: "feed.RedisStream.dump\nfeed.RedisStream.len\nfeed.RedisStream.sub"},
		"description":         {after: []string{"describe", square[:len(square)-1]}, want: "rpc rangeSquare ( .squarerpc_service.Message ) returns ( stream .squarerpc_service.Message );"},
		"option of a service": {after: []string{"describe", square[:len(square)-1]}, want: `(.gohost.v1.service) = { host: "square.example" }`},
		"health of a service": {
			after: []string{"grpc.health.v1.Health/Check"}, in: `{"service": "squarerpc_service.SquareService"}`,
			want: []string{`{"status": "SERVING"}`},
		},
		"health of no service": {after: []string{"grpc.health.v1.Health/Check"}, in: `{"service": "nobody"}`, code: codes.NotFound, want: "unknown service"},
		"service without a package": {
			after: []string{"Cal/Add"}, in: `{"number1": 3, "number2": 4}`, want: []string{`{"number": 7}`},
		},
		"unary": {
			args: []string{"-authority", "square.example"}, after: []string{square + "square"}, in: `{"message": 12}`,
			want: []string{`{"message": 144}`},
		},
		"server streaming": {
			after: []string{square + "rangeSquare"}, in: `{"message": 3}`,
			want: []string{`{"message": 1}`, `{"message": 4}`, `{"message": 9}`},
		},
		"client streaming": {
			after: []string{square + "sumSquare"}, in: `{"message": 1} {"message": 2} {"message": 3}`,
			want: []string{`{"message": 14}`},
		},
		"bidirectional": {
			after: []string{square + "streamrangeSquare"}, in: `{"message": 1} {"message": 2} {"message": 3}`,
			want: []string{`{"message": 1}`, `{"message": 4}`, `{"message": 9}`},
		},
		"oneof": {
			after: []string{"helloworld.Greeter/SayHelloStream2"}, in: `{"name": "Ada"}`,
			want: []string{`{"first": {"message": "Hello Ada"}}`, `{"timer": {"message": "Ada", "count": "1"}}`, `{"timer": {"message": "Ada", "count": "2"}}`, `{"goodbye": {"message": "Bye Ada"}}`},
		},
		"metadata, header and trailer": {
			args: []string{"-v", "-H", "echo-text: one"}, after: []string{"helloworld.Greeter/SayHello"}, in: `{}`,
			want: "Response trailers received:\necho-text: one",
		},
		"status with details": {
			after: []string{"Cal/Multiply"}, in: `{"number1": 2147483647, "number2": 2}`,
			code: codes.OutOfRange, want: `"reason": "OVERFLOW"`,
		},
		"deadline": {
			args: []string{"-max-time", "0.5"}, after: []string{"helloworld.Greeter/SayHello"}, in: `{"name": "wait"}`,
			code: codes.DeadlineExceeded, want: "DeadlineExceeded",
		},
	}
	for name, creds := range map[string]credentials.TransportCredentials{"plaintext": insecure.NewCredentials(), "TLS": cert.Server(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var reports samples.Reports
			addr := serve(t, creds, func(s *grpc.Server) {
				samples.Register(s, &reports)
				healthServer := health.NewServer()
				healthServer.SetServingStatus(squares.SquareServiceName, grpc_health_v1.HealthCheckResponse_SERVING)
				grpc_health_v1.RegisterHealthServer(s, healthServer)
				reflection.Register(s)
			})
			security := []string{"-plaintext"}
			if name == "TLS" {
				security = []string{"-cacert", cert.Cert}
			}
			for name, test := range tests {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					args := append(append([]string{}, security...), test.args...)
					if test.in != "" {
						args = append(args, "-d", "@")
					}
					cmd := exec.CommandContext(t.Context(), grpcurl, append(append(args, addr), test.after...)...)
					cmd.Stdin = strings.NewReader(test.in)
					out, err := cmd.CombinedOutput()
					checkExit(t, err, test.code, out)
					switch want := test.want.(type) {
					case string:
						if !strings.Contains(string(out), want) {
							t.Errorf("output\n%s\nwant %s", out, want)
						}
					case []string:
						checkValues(t, out, want)
					}
				})
			}
		})
	}
}

// checkExit checks that grpcurl exits with 64 plus the code of the status, or with 0.
func checkExit(t *testing.T, err error, code codes.Code, out []byte) {
	t.Helper()
	var exit *exec.ExitError
	got := 0
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	want := 0
	if code != codes.OK {
		want = 64 + int(code)
	}
	if got != want {
		t.Errorf("exit status %d, want %d, after\n%s", got, want, out)
	}
}

// checkValues checks that out has these JSON values.
func checkValues(t *testing.T, out []byte, want []string) {
	t.Helper()
	if diff := cmp.Diff(decodeAll(t, []byte(strings.Join(want, " "))), decodeAll(t, out)); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func decodeAll(t *testing.T, data []byte) []any {
	t.Helper()
	var values []any
	for decoder := json.NewDecoder(bytes.NewReader(data)); ; {
		var value any
		if err := decoder.Decode(&value); err == io.EOF {
			return values
		} else if err != nil {
			t.Fatalf("not JSON: %v\n%s", err, data)
		}
		values = append(values, value)
	}
}

// run runs a command and returns its output.
func run(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return string(out)
}

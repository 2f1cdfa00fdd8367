// Package examples runs the examples with real proxies, as their READMEs say.
package examples

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// build builds an example, and returns the path of the program.
func build(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	cmd := exec.Command("go", "build", "-o", path, "./examples/"+name)
	cmd.Dir = filepath.FromSlash("../..")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// output runs a program, which must exit with status, and returns its output.
func output(t *testing.T, status int, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	out, _ := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != status {
		t.Errorf("%s %v exits with %d, want %d\n%s", program, args, got, status, out)
	}
	return string(out)
}

func TestCalculatorBehindNginx(t *testing.T) {
	t.Parallel()
	nginx := proc.Find(t, "nginx", "apt-get install nginx")
	calculator := build(t, "calculator")
	front, back := proc.Addr(t), proc.Addr(t)
	proc.Start(t, exec.Command(calculator, "serve", "-addr", back), back)
	dir := t.TempDir()
	proc.Start(t, exec.Command(nginx, "-p", dir, "-e", "stderr", "-c", configuration(t, dir, front, back)), front)

	call := func(status int, args ...string) string {
		return output(t, status, calculator, append([]string{"call", "-addr", front}, args...)...)
	}
	for name, test := range map[string]struct {
		status int
		args   []string
		want   string
	}{
		"both methods":          {0, []string{"-host", "calculator.example"}, "3 + 4 = 7\n3 * 4 = 12\n2147483647 * 2: rpc error: code = OutOfRange"},
		"one method":            {0, []string{"-host", "calculator.example", "multiply", "6", "7"}, "42\n"},
		"status of the backend": {1, []string{"-host", "calculator.example", "add", "2147483647", "1"}, "code = OutOfRange"},
		"another host":          {1, []string{"-host", "other.example"}, "calculator: rpc error: code = Unimplemented desc = no service at other.example"},
		"no host":               {1, nil, "calculator: rpc error: code = Unimplemented desc = no service at 127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := call(test.status, test.args...); !strings.Contains(got, test.want) {
				t.Errorf("the client writes\n%s\nwant %s", got, test.want)
			}
		})
	}
}

// configuration writes the configuration from the example's README into dir, with other
// ports.
func configuration(t *testing.T, dir, front, back string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash("../../examples/calculator/nginx.conf"))
	if err != nil {
		t.Fatal(err)
	}
	config := string(text)
	for old, addr := range map[string]string{":50050": front, ":50051": back} {
		_, port, err := net.SplitHostPort(addr)
		if err != nil || !strings.Contains(config, old) {
			t.Fatalf("cannot replace %s by %s: %v", old, addr, err)
		}
		config = strings.ReplaceAll(config, old, ":"+port)
	}
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestGateway(t *testing.T) {
	t.Parallel()
	gateway := build(t, "gateway")
	for _, proxy := range []string{"traefik", "nginx", "haproxy", "caddy"} {
		t.Run(proxy, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), gateway, "-proxy", proxy)
			cmd.Env = append(os.Environ(), "PATH="+proc.PathWith(t, proxy))
			text, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			noRoute := "no service has host nobody.example" // as generated; Traefik's cannot be set
			if proxy == "traefik" {
				noRoute = "unexpected HTTP status code received from server: 404"
			}
			for _, want := range []string{
				"unary square is answered by the backend of square.example\n",
				"server-streaming rangeSquare is answered by the backend of square.example\n",
				"client-streaming sumSquare is answered by the backend of square.example\n",
				"bidirectional streamrangeSquare is answered by the backend of square.example\n",
				"server-streaming sub is answered by the backend of feed.example\n",
				"unary sayHello is answered by the backend of greeter.example\n",
				"bidirectional streamrangeSquare is answered by the backend of gateway.example\n",
				"no route: rpc error: code = Unimplemented desc = " + noRoute,
				"(host nobody.example)\n",
				"clients have made 2 connections to the proxy, one of them the gateway's\n",
			} {
				if !strings.Contains(string(text), want) {
					t.Errorf("the output does not contain %s:\n%s", want, text)
				}
			}
		})
	}
}

// If the proxy is not installed, the command prints one line and exits with status 1.
func TestGatewayWithoutProxy(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), build(t, "gateway"), "-proxy", "traefik")
	cmd.Env = append(os.Environ(), "PATH=")
	out, err := cmd.CombinedOutput()
	if err == nil || string(out) != "gateway: traefik is not installed, or not on the PATH\n" {
		t.Errorf("error %v after\n%s", err, out)
	}
}

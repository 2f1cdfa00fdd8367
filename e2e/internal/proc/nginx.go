package proc

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

//go:embed nginx.conf
var nginxConf string

// Nginx starts nginx in front of the gRPC server at addr, for every host, and returns
// nginx's address.
func Nginx(tb testing.TB, addr string) string {
	tb.Helper()
	nginx := Find(tb, "nginx", "apt-get install nginx")
	dir, front := tb.TempDir(), Addr(tb)
	config := strings.NewReplacer("/etc/gohost", dir, "127.0.0.1:8080", front, "127.0.0.1:50051", addr).Replace(nginxConf)
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		tb.Fatal(err)
	}
	Start(tb, exec.Command(nginx, "-p", dir, "-c", path, "-e", "stderr"), front)
	return front
}

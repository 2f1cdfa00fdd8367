package survive

import (
	"fmt"
	"os/exec"
	"testing"
	"time"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// The times of a feed server that is asked to stop.
const (
	lameDuck = 200 * time.Millisecond
	grace    = time.Second

	// How late after its grace period a server may end. The table shows the times,
	// which are less than a second on an otherwise idle machine.
	late = 2 * time.Second
)

// server is a feed server. It is restarted at its address.
type server struct {
	*proc.Process
	program, addr, nats string
}

func (s *server) start(t *testing.T) {
	t.Helper()
	s.Process = proc.Start(t, exec.Command(s.program, "serve", "-addr", s.addr, "-nats", s.nats, "-stream-replicas", "3",
		"-lame-duck", fmt.Sprint(lameDuck), "-grace", fmt.Sprint(grace), "-max-age", "1m"), s.addr)
}

// stop stops the server like an operator, and returns how long that took after its
// lame-duck time and its grace period.
func (s *server) stop(t *testing.T) time.Duration {
	t.Helper()
	begun := time.Now()
	s.Stop(t)
	return time.Since(begun) - lameDuck - grace
}

package hub

import (
	"log"
	"strings"
	"testing"
	"time"

	"github.com/gohostrpc/gohost/testdata/greeter"
)

// yield may return false before the context has ended. The client has left in this
// case, too.
func TestServerLogsWhoHasGone(t *testing.T) {
	t.Parallel()
	var logs strings.Builder
	server := Server{Interval: time.Hour, Log: log.New(&logs, "", 0)}
	for _, err := range server.SayHelloStreamReply(t.Context(), &greeter.HelloRequest{Name: "Ada"}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if want := "Ada has gone after 1 greetings\n"; logs.String() != want {
		t.Errorf("the server has logged %q, want %q", &logs, want)
	}
}

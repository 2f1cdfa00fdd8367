package drain

import (
	"errors"
	"net"
	"testing"

	"google.golang.org/grpc/credentials"
)

// However the frames are cut into pieces, each is found once.
func TestFramesAreFoundInPieces(t *testing.T) {
	t.Parallel()
	payload := []byte{0, 0, 0, frameGoAway, 0, 0, 0, 0, 0} // looks like a frame
	var wire []byte
	for _, kind := range []byte{frameSettings, 0, frameGoAway, 1, 0, frameGoAway} {
		wire = append(wire, 0, 0, byte(len(payload)), kind, flagAck, 0, 0, 0, 0)
		wire = append(wire, payload...)
	}
	wire = append(wire, 0, 0, 0, frameGoAway, 0, 0, 0, 0, 0) // no payload
	for size := 1; size <= len(wire); size++ {
		var f frames
		counts := make(map[byte]int)
		for rest := wire; len(rest) > 0; {
			n := min(size, len(rest))
			f.scan(rest[:n], func(kind, _ byte) { counts[kind]++ })
			rest = rest[n:]
		}
		if counts[frameGoAway] != 3 || counts[frameSettings] != 1 || counts[0] != 2 || counts[1] != 1 {
			t.Errorf("in pieces of %d: %v", size, counts)
		}
	}
}

var errHandshake = errors.New("no handshake")

type failing struct {
	credentials.TransportCredentials
}

func (failing) ServerHandshake(net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errHandshake
}

// A connection without a handshake is not kept, as long as the server lives.
func TestFailedHandshakesAreForgotten(t *testing.T) {
	t.Parallel()
	var all conns
	if _, _, err := (watching{failing{}, &all}).ServerHandshake(nil); !errors.Is(err, errHandshake) {
		t.Errorf("error %v", err)
	}
	if n := len(all.all()); n != 0 {
		t.Errorf("%d connections are kept", n)
	}
}

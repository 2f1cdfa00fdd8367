package streamlimit

import (
	"encoding/binary"
	"math"
)

const (
	// Unlimited is the limit of a server that sets none.
	Unlimited = math.MaxUint32

	headerLen  = 9 // of a frame: RFC 9113, section 4.1
	settingLen = 6 // section 6.5.1

	typeSettings         = 0x4
	maxConcurrentStreams = 0x3
	maxPayload           = 1 << 14 // until a client allows more: section 4.2
)

// settings parses the first frame of a connection, from pieces of any size.
type settings struct {
	limit *Limit
	frame []byte // as far as it has arrived
	done  bool
}

// read takes the next bytes of the connection, and is done after the first
// frame. If that is not SETTINGS, which is an error for grpc, nothing is known.
func (s *settings) read(p []byte) {
	for !s.done && len(p) > 0 {
		n := min(len(p), s.size()-len(s.frame))
		s.frame, p = append(s.frame, p[:n]...), p[n:]
		switch {
		case len(s.frame) < headerLen:
		case s.frame[3] != typeSettings || s.size() > headerLen+maxPayload:
			s.done = true
		case len(s.frame) == s.size():
			s.limit.set(maxStreams(s.frame[headerLen:]))
			s.done = true
		}
	}
	if s.done {
		s.frame = nil
	}
}

// size returns the length of the frame, or of its header until that is
// complete.
func (s *settings) size() int {
	if len(s.frame) < headerLen {
		return headerLen
	}
	return headerLen + int(s.frame[0])<<16 + int(s.frame[1])<<8 + int(s.frame[2])
}

// maxStreams returns the limit that the payload of SETTINGS sets. The last of
// several values counts: RFC 9113, section 6.5.3.
func maxStreams(payload []byte) uint32 {
	limit := uint32(Unlimited)
	for ; len(payload) >= settingLen; payload = payload[settingLen:] {
		if binary.BigEndian.Uint16(payload) == maxConcurrentStreams {
			limit = binary.BigEndian.Uint32(payload[2:])
		}
	}
	return limit
}

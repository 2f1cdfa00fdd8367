package frame_test

import (
	"bytes"
	"testing"

	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/gohostrpc/gohost/internal/frame"
	"github.com/gohostrpc/gohost/testdata/squares"
)

var codecs = map[string]encoding.CodecV2{
	"ours":                frame.Codec{},
	"grpc's":              encoding.GetCodecV2("proto"),
	"ours, around grpc's": frame.Codec{Other: encoding.GetCodecV2("proto")},
}

// sizes are message sizes below and above the limit from which grpc uses its
// pool.
var sizes = []int{0, 1, 100, 1 << 10, 1 << 16}

func content(size int) []byte { return bytes.Repeat([]byte{byte(size%251) + 1}, size) }

// pooled returns b in buffers of a pool that overwrites memory when it is given
// back.
func pooled(b []byte) mem.BufferSlice {
	half := len(b) / 2
	return mem.BufferSlice{mem.Copy(b[:half], overwriting{}), mem.Copy(b[half:], overwriting{})}
}

type overwriting struct{}

func (overwriting) Get(length int) *[]byte { b := make([]byte, length); return &b }
func (overwriting) Put(b *[]byte) {
	for i := range *b {
		(*b)[i] = 0xee
	}
}

// A codec sends what another one has received, however often, and also after
// the frame has been reused.
func TestAFrameIsSentAsItHasCome(t *testing.T) {
	t.Parallel()
	for from, in := range codecs {
		for to, out := range codecs {
			for _, size := range sizes {
				f := new(frame.Frame)
				receive := func(b []byte) {
					data := pooled(b)
					defer data.Free() // like grpc
					if err := in.Unmarshal(data, f); err != nil {
						t.Fatal(err)
					}
				}
				receive(content(7))
				receive(content(size))
				if got := f.Bytes(); !bytes.Equal(got, content(size)) || f.Len() != size {
					t.Errorf("%s: %d bytes are %d, %.10x", from, size, f.Len(), got)
				}
				var sent []mem.BufferSlice
				for range 2 {
					data, err := out.Marshal(f)
					if err != nil {
						t.Fatal(err)
					}
					sent = append(sent, data)
				}
				receive(content(9))
				f.Reset()
				for _, data := range sent {
					if got := data.Materialize(); !bytes.Equal(got, content(size)) {
						t.Errorf("from %s to %s: %d bytes are %.10x", from, to, size, got)
					}
					data.Free()
				}
				if f.Len() != 0 || len(f.Bytes()) != 0 {
					t.Errorf("a frame that has been reset has %d bytes", f.Len())
				}
			}
		}
	}
}

// The memory of a frame goes back to the pool with the next message.
func TestTheMemoryOfAFrameIsGivenBack(t *testing.T) {
	t.Parallel()
	pool := &counting{}
	f, codec := new(frame.Frame), frame.Codec{}
	for range 10 {
		data := mem.BufferSlice{mem.Copy(content(1<<16), pool)}
		if err := codec.Unmarshal(data, f); err != nil {
			t.Fatal(err)
		}
		data.Free()
		if pool.out != 1 {
			t.Fatalf("%d buffers are in use, want that of the message alone", pool.out)
		}
	}
	sent, err := codec.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	f.Reset()
	if pool.out != 1 {
		t.Errorf("%d buffers are in use while one is being sent", pool.out)
	}
	if sent.Free(); pool.out != 0 {
		t.Errorf("%d buffers are in use when all is done", pool.out)
	}
}

type counting struct{ out int }

func (c *counting) Get(length int) *[]byte { c.out++; b := make([]byte, length); return &b }
func (c *counting) Put(*[]byte)            { c.out-- }

// The other codec handles other messages.
func TestOtherMessages(t *testing.T) {
	t.Parallel()
	for name, codec := range codecs {
		want := &squares.Message{Message: 3}
		data, err := codec.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got := new(squares.Message)
		if err := codec.Unmarshal(data, got); err != nil || !proto.Equal(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestFits(t *testing.T) {
	t.Parallel()
	for contentType, want := range map[string]bool{
		"application/grpc": true, "application/grpc+proto": true, "application/grpc;proto": true,
		"application/grpc+json": false, "application/grpc+protobuf": false, "application/json": false,
	} {
		ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs("content-type", contentType))
		if got := frame.Fits(ctx); got != want {
			t.Errorf("Fits of %s is %v", contentType, got)
		}
	}
	if !frame.Fits(t.Context()) {
		t.Error("a call without a content-type, as a test makes it, does not fit")
	}
}

package main

import (
	"compress/zlib"
	"fmt"
	"io"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connectgzip"
	"github.com/andybalholm/brotli"
	"github.com/golang/snappy"
	"github.com/klauspost/compress/zstd"

	pb "github.com/gohostrpc/gohost/e2e/conformance/program/conformancepb"
)

// compressor is a connect.Compressor made of functions.
type compressor struct {
	name       string
	compress   func(io.Writer) (io.WriteCloser, error)
	decompress func(io.Reader) (io.ReadCloser, error)
}

func (c compressor) Name() string                                  { return c.name }
func (c compressor) Compress(w io.Writer) (io.WriteCloser, error)  { return c.compress(w) }
func (c compressor) Decompress(r io.Reader) (io.ReadCloser, error) { return c.decompress(r) }

var (
	gzipped  = connectgzip.New()
	brotlied = compressor{
		"br",
		func(w io.Writer) (io.WriteCloser, error) { return brotli.NewWriter(w), nil },
		func(r io.Reader) (io.ReadCloser, error) { return io.NopCloser(brotli.NewReader(r)), nil },
	}
	zstandard = compressor{
		"zstd",
		func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)) },
		func(r io.Reader) (io.ReadCloser, error) {
			d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
			if err != nil {
				return nil, err
			}
			return d.IOReadCloser(), nil
		},
	}
	// What HTTP calls deflate is zlib's format.
	deflated = compressor{
		"deflate",
		func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriter(w), nil },
		zlib.NewReader,
	}
	snapped = compressor{
		"snappy",
		func(w io.Writer) (io.WriteCloser, error) { return snappy.NewBufferedWriter(w), nil },
		func(r io.Reader) (io.ReadCloser, error) { return io.NopCloser(snappy.NewReader(r)), nil },
	}
)

// compressors are all compressors of the suite.
var compressors = map[pb.Compression]connect.Compressor{
	pb.Compression_COMPRESSION_GZIP:    gzipped,
	pb.Compression_COMPRESSION_BR:      brotlied,
	pb.Compression_COMPRESSION_ZSTD:    zstandard,
	pb.Compression_COMPRESSION_DEFLATE: deflated,
	pb.Compression_COMPRESSION_SNAPPY:  snapped,
}

// compressorOf returns the compressor of c, or nil for none.
func compressorOf(c pb.Compression) (connect.Compressor, error) {
	if c == pb.Compression_COMPRESSION_IDENTITY {
		return nil, nil
	}
	if found, ok := compressors[c]; ok {
		return found, nil
	}
	return nil, fmt.Errorf("no compressor for %v", c)
}

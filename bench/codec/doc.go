// Package codec compares package vtcodec with grpc's own codec, with messages for which
// vtprotobuf has generated code: both must give the same results.
package codec

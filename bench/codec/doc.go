// Package codec holds package vtcodec against grpc's own codec, with messages for
// which vtprotobuf has generated code: both must make the same of the same.
package codec

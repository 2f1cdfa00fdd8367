// Package importing imports gohost/v1/options.proto as users do, from modules of
// their own that ask for the lowest Go, grpc and protobuf.
package importing

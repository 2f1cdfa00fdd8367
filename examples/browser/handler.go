package main

import (
	"net/http"

	"connectrpc.com/connect/v2"
	connectcors "connectrpc.com/cors"
	"github.com/rs/cors"
	"google.golang.org/grpc/reflection"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/testdata/greeter"
)

// newHandler returns the handler of the server: the page, and service over every
// protocol. ending ends the calls of service. Pages of origins may call service, too.
func newHandler(service greeter.Greeter, ending *drain.HTTP, origins []string) (http.Handler, error) {
	// Calls for a host that the service does not declare are refused.
	check, err := gohost.NewHostCheck(gohost.CheckEnforce)
	if err != nil {
		return nil, err
	}
	server := connect.NewServer()
	registrar := gohostconnect.NewRegistrar(server,
		gohostconnect.UnaryInterceptors(ending.Unary, check.Unary), gohostconnect.StreamInterceptors(ending.Stream, check.Stream))
	greeter.RegisterGreeter(registrar, service)
	reflection.Register(registrar) // for grpcurl

	mux := http.NewServeMux()
	mux.Handle("/", withCORS(gohostconnect.NewHandler(server), origins))
	for _, path := range []string{"/{$}", "/page.js", "/style.css"} {
		mux.Handle("GET "+path, page())
	}
	return mux, nil
}

// withCORS lets pages of origins read the responses of h in browsers. Without origins,
// only the pages of this server can.
func withCORS(h http.Handler, origins []string) http.Handler {
	if len(origins) == 0 {
		return h
	}
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: connectcors.AllowedMethods(),
		AllowedHeaders: connectcors.AllowedHeaders(),
		ExposedHeaders: connectcors.ExposedHeaders(),
		MaxAge:         7200, // seconds until a browser asks again
	}).Handler(h)
}

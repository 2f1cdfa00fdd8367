package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
)

// proxyOf returns a function that starts a proxy at an address. The function's routes
// are the backends' addresses by host.
func proxyOf(name string) (func(addr string, routes map[string]string) (proxy, error), error) {
	if name == "" {
		return startOwnProxy, nil
	}
	for _, i := range all {
		if i.name == name {
			return i.start, nil
		}
	}
	return nil, fmt.Errorf("-proxy %s: only traefik, nginx, haproxy and caddy can be started", name)
}

// ownProxy is a reverse proxy in this process: HTTP/2 without TLS on both sides.
type ownProxy struct {
	server      *http.Server
	at          string
	connections atomic.Int32 // of clients
	served      chan struct{}
}

func startOwnProxy(addr string, routes map[string]string) (proxy, error) {
	h2c := new(http.Protocols)
	h2c.SetUnencryptedHTTP2(true)
	forward := &httputil.ReverseProxy{
		Transport:     &http.Transport{Protocols: h2c},
		FlushInterval: -1, // streams are not buffered
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: routes[r.In.Host]})
			r.Out.Host = r.In.Host
		},
	}
	p := &ownProxy{at: addr, served: make(chan struct{})}
	p.server = &http.Server{
		Protocols: h2c,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if routes[r.Host] == "" {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			forward.ServeHTTP(w, r)
		}),
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				p.connections.Add(1)
			}
		},
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	go func() {
		defer close(p.served)
		p.server.Serve(listener) //nolint:errcheck // it returns when it is closed
	}()
	return p, nil
}

func (p *ownProxy) addr() string           { return p.at }
func (p *ownProxy) ended() <-chan struct{} { return p.served }

func (p *ownProxy) stop() (connections int, err error) {
	return int(p.connections.Load()), p.server.Close()
}

package main

import (
	"fmt"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/proto"

	"github.com/gohostrpc/gohost/bench/request"
)

// series are the series of growth: what grows in one file, and its number at the first
// of three sizes. Each size is twice the previous one.
var series = []struct {
	what, plugin string
	count        int
	source       func(count int) string
	parameter    string
}{
	{"methods", "gohost", 5000, request.PlainMethods, ""},
	{"methods-with-hosts", "gohost", 5000, request.MethodsWithHosts, ""},
	{"services-with-hosts", "gohost", 2000, request.ServicesWithHosts, ""},
	{"aliases", "gohost", 10000, request.Aliases, ""},
	{"methods-with-hosts", "proxy", 2500, request.MethodsWithHosts, proxies},
	{"services-with-hosts", "proxy", 2000, request.ServicesWithHosts, proxies},
	{"aliases", "proxy", 10000, request.Aliases, proxies},
	{"hosts-by-turns", "proxy", 2000, request.HostsByTurns, one},
}

// proxies is the parameter of protoc-gen-gohost-proxy, for all proxies that support as
// many routes.
const proxies = "target=traefik,target=nginx,target=haproxy,target=caddy,target=envoy,upstream={service}:50051"

// one is the same with one upstream for all.
const one = "target=traefik,target=nginx,target=haproxy,target=caddy,target=envoy,upstream=127.0.0.1:50051"

// growth writes a benchmark for benchstat: how long plugins take for more and more of
// one thing. If the time is linear, each size takes twice as long as the previous one.
func growth(rounds int) error {
	bin, err := os.MkdirTemp("", "plugins")
	if err != nil {
		return err
	}
	defer os.RemoveAll(bin) //nolint:errcheck // it is a folder for temporary files
	for name, pkg := range map[string]string{"gohost": "protoc-gen-gohost", "proxy": "protoc-gen-gohost-proxy"} {
		if err := build(bin, name, "github.com/gohostrpc/gohost/cmd/"+pkg); err != nil {
			return err
		}
	}
	type run struct {
		name, plugin string
		stdin        []byte
	}
	var runs []run
	for _, s := range series {
		for _, times := range []int{1, 2, 4} {
			req, err := request.Of(s.source(s.count*times), s.parameter)
			if err != nil {
				return err
			}
			stdin, err := proto.Marshal(req)
			if err != nil {
				return err
			}
			runs = append(runs, run{fmt.Sprintf("plugin=%s/what=%d-%s/size=%dx", s.plugin, s.count, s.what, times), s.plugin, stdin})
		}
	}
	for range rounds {
		for _, r := range runs {
			used, err := measure(filepath.Join(bin, r.plugin), "", r.stdin)
			if err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			fmt.Printf("BenchmarkGrowth/%s 1 %d ns/op\n", r.name, used.time.Nanoseconds())
		}
	}
	return nil
}

package main

const usage = `protoc-gen-gohost-proxy is a plugin of protoc and buf: they start it, and send it
what to generate on standard input. It writes the configuration of a reverse
proxy from the hosts that .proto files declare.

With buf, in buf.gen.yaml:

  plugins:
    - local: protoc-gen-gohost-proxy
      out: deploy
      strategy: all
      opt: [target=nginx, "upstream={service}:50051"]

With protoc:

  protoc --gohost-proxy_out=deploy \
      --gohost-proxy_opt='target=nginx,upstream={service}:50051' square.proto feed.proto

Parameters:
  target=TARGET               traefik, nginx, haproxy, caddy, envoy or gateway-api;
                              once for each that is wanted
  upstream=ADDRESS            where services are: [https://]HOST:PORT, with {service},
                              {service_short}, {package} and {package_dashed}; once for
                              each instance
  upstream.NAME=ADDRESS       the same for one service or method
  host_upstream.HOST=ADDRESS  the same for the other calls of a host
  upstream_ca=FILE            what certificates of upstreams are checked with
  listen=[IP]:PORT            where the proxy listens
  certificate=FILE,key=FILE   TLS for clients
  gateway=[NAMESPACE/]NAME    the Gateway, for gateway-api
  host_template, default_host as for protoc-gen-gohost

Flags:
  --help     print this
  --version  print the version
`

package main

const usage = `protoc-gen-gohost is a plugin of protoc and buf: they start it and send it a request
on standard input. It writes typed gRPC stubs for Go: a stream is a Go iterator, and
a service knows its host.

With buf, in buf.gen.yaml:

  plugins:
    - local: protoc-gen-gohost
      out: gen
      opt: paths=source_relative

With protoc:

  protoc --go_out=gen --gohost_out=gen --gohost_opt=paths=source_relative square.proto

Parameters: paths, module and MFILE=PATH, like every Go plugin, and
  package_suffix=SUFFIX  write into a separate package, in a sub-folder
  host_template=HOST     the host of services that declare none, such as
                         {service}.example; also {service_short} (without a final
                         -service), {package} and {package_dashed}
  default_host=ignore    do not read google.api.default_host
  annotate_code          write FILE.meta next to each FILE: it maps declarations to
                         the .proto

Flags:
  --export-proto DIR  write gohost/v1/options.proto, which a .proto with a host
                      imports, below DIR
  --help              print this
  --version           print the version
`

// Package gohostv1 holds the options with which a .proto declares hosts, for Go
// programs that read them from descriptors:
//
//	opts := proto.GetExtension(service.Options(), gohostv1.E_Service).(*gohostv1.ServiceOptions)
//	fmt.Println(opts.GetHost(), opts.GetAliases())
//
// A .proto imports gohost/v1/options.proto. Programs that make calls need
// neither: what is declared stands in the generated code.
package gohostv1

package stub

// IsAtLeastVersion1 is referred to by generated code that needs version 1 of
// this package: where the module is older than the generated code, the code
// does not compile, and the comment at the reference says what to do.
const IsAtLeastVersion1 = true

using Xunit.Sdk;
using Xunit.v3;

// One at a time: the tests count the process's descriptors, and poll loops want CPUs for themselves.
[assembly: Parallelization(Mode = ParallelMode.None)]

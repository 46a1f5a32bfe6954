"""Teachers that write chain-of-thought texts: a template, a local chat model or an endpoint, with checked answers."""

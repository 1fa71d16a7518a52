"""What governments do: dated, cited instruments that are consulted, never applied, and the policies that bundle them."""

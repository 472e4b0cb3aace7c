"""Model -> a running application: ray.serve.llm replicas behind ecom's own ingress."""

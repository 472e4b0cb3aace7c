"""Model -> a running application: ray.serve.llm replicas behind an ingress of our own."""

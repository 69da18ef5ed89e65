// Reads a JSON list of manifests of the Prometheus operator, prints a JSON list of what is wrong with
// each; an empty text means that it is right.
import { PrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule";
import { ServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor";
import { text } from "node:stream/consumers";

const kinds = { PrometheusRule, ServiceMonitor };

function problem(manifest) {
  const Model = kinds[manifest.kind];
  if (!Model) return `no validator for ${manifest.apiVersion} ${manifest.kind}`;
  try {
    new Model(manifest).validate();
    return "";
  } catch (error) {
    return error.message;
  }
}

console.log(JSON.stringify(JSON.parse(await text(process.stdin)).map(problem)));

"""What is true of every pod: the Kubernetes profile *restricted*, and names that lead somewhere."""

WORKLOADS = {"Deployment", "Job", "Pod"}


def template(manifest):
    """Metadata and spec of the pods that a manifest makes."""
    if manifest["kind"] == "Pod":
        return manifest["metadata"], manifest["spec"]
    template = manifest["spec"]["template"]
    return template["metadata"], template["spec"]


def containers(spec):
    return spec.get("initContainers", []) + spec["containers"]


def restricted(spec, platform_sets_user):
    """What the profile *restricted* of the Pod Security Standards would refuse, and two rules of our
    own: the root file system is read-only, and the service account's token is not mounted."""
    wrong = []
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(name):
            wrong.append(name)
    allowed = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
    for volume in spec.get("volumes", []):
        if kinds := set(volume) - {"name"} - allowed:
            wrong.append(f"volume {volume['name']}: {kinds}")
    pod = spec.get("securityContext", {})
    if spec.get("automountServiceAccountToken") is not False:
        wrong.append("the service account's token is mounted")
    for container in containers(spec):
        own = container.get("securityContext", {})
        effective = pod | own
        where = f"container {container['name']}"
        if effective.get("runAsNonRoot") is not True:
            wrong.append(f"{where}: runAsNonRoot")
        if effective.get("runAsUser") == 0:
            wrong.append(f"{where}: runAsUser 0")
        if not platform_sets_user and effective.get("runAsUser") is None:
            wrong.append(f"{where}: no runAsUser")
        if effective.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
            wrong.append(f"{where}: seccompProfile")
        if own.get("allowPrivilegeEscalation") is not False:
            wrong.append(f"{where}: allowPrivilegeEscalation")
        if own.get("privileged"):
            wrong.append(f"{where}: privileged")
        capabilities = own.get("capabilities", {})
        if "ALL" not in capabilities.get("drop", []):
            wrong.append(f"{where}: capabilities are not dropped")
        if set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
            wrong.append(f"{where}: capabilities are added")
        if any(port.get("hostPort") for port in container.get("ports", [])):
            wrong.append(f"{where}: hostPort")
        if "kiwi" in container["image"] and own.get("readOnlyRootFilesystem") is not True:
            wrong.append(f"{where}: the root file system can be written")
    return wrong


def matches(selector, labels):
    return all(labels.get(name) == value for name, value in selector.items())


def texts(value):
    """All texts inside a value."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def references(spec):
    """Kind and name of every object that a pod needs before it can start."""
    for volume in spec.get("volumes", []):
        for field, kind, name in (
            ("secret", "Secret", "secretName"),
            ("configMap", "ConfigMap", "name"),
            ("persistentVolumeClaim", "PersistentVolumeClaim", "claimName"),
        ):
            if field in volume:
                yield kind, volume[field][name]
    for container in containers(spec):
        for variable in container.get("env", []):
            source = variable.get("valueFrom", {})
            if "secretKeyRef" in source:
                yield "Secret", source["secretKeyRef"]["name"]
        for source in container.get("envFrom", []):
            if "secretRef" in source:
                yield "Secret", source["secretRef"]["name"]
    if spec.get("serviceAccountName", "default") != "default":
        yield "ServiceAccount", spec["serviceAccountName"]
    for secret in spec.get("imagePullSecrets", []):
        yield "Secret", secret["name"]


def unresolved(manifests, values):
    """References to what is neither rendered nor named by the operator, and references of a hook to
    what does not exist when hooks run."""
    given = set(texts(values))
    rendered = {(m["kind"], m["metadata"]["name"]): m for m in manifests}
    databases = {m["metadata"]["name"] for m in manifests if m["apiVersion"] == "postgresql.cnpg.io/v1" and m["kind"] == "Cluster"}
    made_by_operator = {f"{name}-{suffix}" for name in databases for suffix in ("app", "ca")}
    wrong = []
    for manifest in manifests:
        if manifest["kind"] not in WORKLOADS:
            continue
        hook = manifest["metadata"].get("annotations", {}).get("helm.sh/hook", "")
        for kind, name in references(template(manifest)[1]):
            who = f"{manifest['kind']} {manifest['metadata']['name']} needs {kind} {name}"
            if (kind, name) in rendered:
                if hook.startswith("pre-"):
                    wrong.append(f"{who}, which does not exist when hooks run")
            elif name not in given and name not in made_by_operator:
                wrong.append(who)
    return wrong


def unselected(manifests):
    """Selectors that choose no pods, or pods that are not meant."""
    pods = [template(m)[0].get("labels", {}) for m in manifests if m["kind"] == "Deployment"]
    jobs = [template(m)[0].get("labels", {}) for m in manifests if m["kind"] == "Job"]
    services = [m["metadata"]["labels"] for m in manifests if m["kind"] == "Service"]
    wrong = []
    for manifest in manifests:
        kind, spec = manifest["kind"], manifest.get("spec", {})
        who = f"{kind} {manifest['metadata']['name']}"
        if kind == "Service":
            selector, among, others = spec["selector"], pods, jobs
        elif kind == "PodDisruptionBudget":
            selector, among, others = spec["selector"]["matchLabels"], pods, jobs
        elif kind == "NetworkPolicy":
            selector, among, others = spec["podSelector"]["matchLabels"], pods, []
        elif kind == "ServiceMonitor":
            selector, among, others = spec["selector"]["matchLabels"], services, []
        elif kind == "Deployment":
            selector, among, others = spec["selector"]["matchLabels"], [template(manifest)[0]["labels"]], jobs
            if sum(matches(selector, labels) for labels in pods) != 1:
                wrong.append(f"{who}: selects pods of another one")
        else:
            continue
        if not any(matches(selector, labels) for labels in among):
            wrong.append(f"{who}: selects nothing")
        if any(matches(selector, labels) for labels in others):
            wrong.append(f"{who}: selects the migration job")
        if kind == "ServiceMonitor" and sum(matches(selector, labels) for labels in services) != 1:
            wrong.append(f"{who}: selects more than one Service")
    return wrong

"""Bodies of Microsoft.Network, in the shapes of the published specification."""

from remediator.simulator import ids
from remediator.simulator.network.state import Attachment, Network, Rule
from remediator.simulator.reply import Json

_DEFAULTS = (
    ("AllowVnetInBound", 65000, "Inbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
    ("AllowAzureLoadBalancerInBound", 65001, "Inbound", "Allow", "AzureLoadBalancer", "*"),
    ("DenyAllInBound", 65500, "Inbound", "Deny", "*", "*"),
    ("AllowVnetOutBound", 65000, "Outbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
    ("AllowInternetOutBound", 65001, "Outbound", "Allow", "*", "Internet"),
    ("DenyAllOutBound", 65500, "Outbound", "Deny", "*", "*"),
)


def interface(attachment: Attachment, vm_id: str) -> Json:
    """Build a network interface."""
    subnet_id = f"{attachment.network.arm_id}/subnets/{attachment.subnet}"
    host = int(ids.guid("host", vm_id)[:2], 16) % 250 + 4
    return {
        "name": attachment.interface_id.rpartition("/")[2],
        "id": attachment.interface_id,
        "type": "Microsoft.Network/networkInterfaces",
        "location": attachment.location,
        "properties": {
            "provisioningState": "Succeeded",
            "ipConfigurations": [
                {
                    "name": "ipconfig1",
                    "id": f"{attachment.interface_id}/ipConfigurations/ipconfig1",
                    "type": "Microsoft.Network/networkInterfaces/ipConfigurations",
                    "properties": {
                        "provisioningState": "Succeeded",
                        "privateIPAddress": f"10.0.0.{host}",
                        "privateIPAllocationMethod": "Static" if attachment.static else "Dynamic",
                        "subnet": {"id": subnet_id},
                        "primary": True,
                        "privateIPAddressVersion": "IPv4",
                    },
                }
            ],
            "dnsSettings": {"dnsServers": [], "appliedDnsServers": []},
            "enableAcceleratedNetworking": True,
            "enableIPForwarding": False,
            "networkSecurityGroup": {"id": attachment.security_id},
            "primary": True,
            "virtualMachine": {"id": vm_id},
        },
    }


def security_group(attachment: Attachment) -> Json:
    """Build a security group: its own rules and the default rules."""
    return {
        "name": attachment.security_id.rpartition("/")[2],
        "id": attachment.security_id,
        "type": "Microsoft.Network/networkSecurityGroups",
        "location": attachment.location,
        "properties": {
            "provisioningState": "Succeeded",
            "securityRules": [rule(attachment, each) for each in attachment.rules],
            "defaultSecurityRules": [
                _rule(attachment, "defaultSecurityRules", *each) for each in _DEFAULTS
            ],
            "networkInterfaces": [{"id": attachment.interface_id}],
        },
    }


def rule(attachment: Attachment, one: Rule) -> Json:
    """Build one of a security group's own rules."""
    access = "Allow" if one.allows else "Deny"
    to = one.destination
    return _rule(attachment, "securityRules", one.name, one.priority, "Outbound", access, "*", to)


def _rule(
    attachment: Attachment,
    kind: str,
    name: str,
    priority: int,
    direction: str,
    access: str,
    source: str,
    destination: str,
) -> Json:
    return {
        "name": name,
        "id": f"{attachment.security_id}/{kind}/{name}",
        "type": f"Microsoft.Network/networkSecurityGroups/{kind}",
        "properties": {
            "provisioningState": "Succeeded",
            "protocol": "*",
            "sourcePortRange": "*",
            "destinationPortRange": "*",
            "sourceAddressPrefix": source,
            "destinationAddressPrefix": destination,
            "access": access,
            "priority": priority,
            "direction": direction,
        },
    }


def network(network: Network) -> Json:
    """Build a virtual network with its subnets."""
    return {
        "name": network.name,
        "id": network.arm_id,
        "type": "Microsoft.Network/virtualNetworks",
        "location": network.location,
        "properties": {
            "provisioningState": "Succeeded",
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [subnet(network, name) for name in network.subnets],
            "enableDdosProtection": False,
        },
    }


def subnet(network: Network, name: str) -> Json:
    """Build a subnet."""
    return {
        "name": name,
        "id": f"{network.arm_id}/subnets/{name}",
        "type": "Microsoft.Network/virtualNetworks/subnets",
        "properties": {
            "provisioningState": "Succeeded",
            "addressPrefix": f"10.0.{network.subnets.index(name)}.0/24",
            "privateEndpointNetworkPolicies": "Disabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
        },
    }

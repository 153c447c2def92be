"""What may stay in a recording: words of Azure's APIs, and the properties that hold such words.

A text stays only if this file knows it, or if its property holds words of the API and the text has
the form of such a word. Everything else counts as a name and is replaced.
"""

import re
from typing import Final


def _set(words: str) -> frozenset[str]:
    return frozenset(word.lower() for word in words.split())


WORDS: Final = _set(
    """
    VM VMs backup backups job jobs vault vaults azure microsoft windows linux disk disks snapshot
    snapshots restore point points recovery group groups resource resources agent extension
    extensions subscription subscriptions policy policies lock locks error errors failed operation
    operations storage account network the and for not with was has are virtual machine machines
    true false yes no none null get put post patch delete head read write list all any new
    default active source target high low
    value name key status state type time date
    AzureIaasVM AzureIaaSVMJob AzureIaaSVMJobV2 AzureWorkload AzureWorkloadJob AzureStorage
    AzureStorageJob MAB DPM AzureBackupServer AzureFileShare SQLDataBase SAPHanaDatabase SAPHana SQL
    IaasVMContainer iaasvmcontainerv2 VMAppContainer StorageContainer Compute ClassicCompute
    IaasVMRecoveryPoint VaultBackupJobs Microsoft.Insights
    Backup Restore ConfigureBackup DisableBackup DeleteBackupData Undelete Register UnRegister
    Completed CompletedWithWarnings InProgress Failed Cancelled Cancelling Invalid
    Succeeded Updating Creating Deleting Canceled Accepted Running Unknown NotStarted Skipped
    Protected ProtectionStopped IRPending NotProtected ProtectionError ProtectionPaused
    BackupsSuspended Healthy Unhealthy Passed ActionRequired ActionSuggested
    CanNotDelete ReadOnly Info Warning Error Ready
    InstantRP HardenedRP ArchivedRP Valid Deleted Rehydrated Disabled Enabled Cancellable Retriable
    AppConsistent CrashConsistent FileSystemConsistent ApplicationConsistent
    DefaultPolicy EnhancedPolicy HourlyLogBackup DefaultVMPolicy
    VMSnapshot VMSnapshotLinux instanceView statusOnly atScope
    eq ne gt lt ge le and or backupManagementType startTime endTime itemType principalId
    resourceType friendlyName providerType
    VirtualNetwork Internet AzureLoadBalancer AzureBackup AzureActiveDirectory AzureCloud Tcp Udp
    Icmp Ah Esp Allow Deny Inbound Outbound Static Dynamic
    equals notEquals in notIn exists like notLike match contains allOf anyOf field tags concat
    parameters Audit Append Modify DoNotEnforce Indexed Mode
    tagName tagValue effect listOfAllowedLocations String Array Boolean Integer Object
    cores availabilitySets virtualMachines dedicatedVCpus lowPriorityCores
    """
) | {"percentage cpu", "average", "*"}
"""Texts that stay everywhere, in lower case. A name that equals one of them tells nothing."""

TYPES: Final = _set(
    """
    providers subscriptions resourceGroups resources managementGroups locations operations tagNames
    vaults backupFabrics protectionContainers protectedItems recoveryPoints backupJobs
    backupPolicies backupProtectedItems backupProtectableItems backupProtectionContainers
    protectableItems protectionIntents backupOperations operationResults operationsStatus
    backupOperationResults backupStatus backup restore cancel move refreshContainers accessToken
    inquire provisionInstantItemRecovery backupEncryptionConfigs backupStorageConfig
    backupResourceGuardProxies backupSecurityPIN backupCrrOperationsStatus backupUsageSummaries
    virtualMachines virtualMachineScaleSets extensions instanceView runCommands runCommand
    restorePointCollections restorePoints diskRestorePoints disks snapshots images galleries
    versions diskEncryptionSets diskAccesses availabilitySets proximityPlacementGroups hostGroups
    capacityReservationGroups usages vmSizes skus publishers DiskOperations beginGetAccess
    endGetAccess deallocate start restart reapply redeploy powerOff sshPublicKeys
    networkInterfaces ipConfigurations networkSecurityGroups securityRules defaultSecurityRules
    virtualNetworks subnets publicIPAddresses routeTables loadBalancers backendAddressPools
    privateEndpoints privateEndpointConnections applicationSecurityGroups
    storageAccounts blobServices containers keys secrets certificates accessPolicies
    locks roleAssignments roleDefinitions permissions policyAssignments policyDefinitions
    policySetDefinitions userAssignedIdentities metrics metricDefinitions deployments
    """
)
"""Types of resources, lists and actions in ids. No other text may stay at the place of a type."""

TEXTS: Final = _set(
    """
    errorString message messages recommendations displayStatus lastOperationMessage
    dynamicErrorMessage additionalInfo recoveryPointAdditionalInfo possibleCauses details reason
    """
)
"""Properties that hold Microsoft's sentences: the sentence stays, names in it are replaced."""

SEALED: Final = _set(
    """
    tags settings protectedSettings protectedSettingsFromKeyVault userData customData notes
    description metadata keyData publicKeys accessTokenString tokenExtendedInformation
    parametersSchema commandToExecute script environmentVariables connectionStrings password
    secret certificateData thumbprint vaultCertificates additionalUnattendContent content
    """
)
"""Properties with content that the customer wrote freely.

Below them every key is replaced, every text that could name somebody is replaced, and every number
becomes 0.
"""

WORD_PROPERTIES: Final = _set(
    """
    status state code level operation jobType backupManagementType workloadType errorTitle title
    type objectType kind tier family category provisioningState protectionState protectionStatus
    healthStatus lastBackupStatus lastBackupErrorDetails protectedItemType protectedItemHealthStatus
    resourceHealthStatus policyType policyState schedulePolicyType retentionPolicyType
    scheduleRunFrequency scheduleRunDays daysOfTheWeek weeksOfTheMonth monthsOfYear durationType
    retentionScheduleFormatType tieringMode taskId taskType actionsInfo supportedActions jobCategory
    virtualMachineVersion recoveryPointType sourceVMStorageType osType osName osDiskType
    securityType vmSize virtualMachineSize size createOption deleteOption caching
    storageAccountType publicNetworkAccess networkAccessPolicy diskState hyperVGeneration
    architecture patchMode assessmentMode licenseType evictionPolicy registrationState
    registrationStatus registrationPolicy containerType protectableItemType protectableObjectType
    timeZone publisher offer sku osVersion resourceState storageAccountVersion parentType
    recoveryModel bMSActiveRegion rpVMSizeDescription createdWithPolicyType triggerType
    resourceType namespace enforcementMode policyMode mode effect privateIPAllocationMethod
    privateIPAddressVersion protocol access direction sourceAddressPrefix
    destinationAddressPrefix sourceAddressPrefixes destinationAddressPrefixes
    provisioningStateForBackup privateEndpointStateForBackup privateEndpointStateForSiteRecovery
    defaultAction bypass defaultConsistency consistencyMode unit errorCode resultCode
    lastOperationResultCode aggregation metadataType accessTier statusOfPrimary
    statusOfSecondary orchestrationMode fabricType engineType principalType createdByType
    lastModifiedByType job_type protectionStateForBackup backupStorageVersion workLoadType
    storageType sourceType soft-delete-state isSoftDeleteEnabled softDeleteState
    enhancedSecurityState
    x-ms-failure-cause
    """
) | {"job type"}
"""Properties whose texts are words of the API."""

VERSIONS: Final = re.compile(
    r"(?i)(?:.*version|apiversions|apiprofiles|release|date|.*versionnumber)"
)
"""Properties whose dotted numbers are versions, not addresses."""

KEPT_SEGMENTS: Final = {
    "backupfabrics": _set("Azure"),
    "extensions": _set(
        """
        VMSnapshot VMSnapshotLinux AzureDiskEncryption AzureDiskEncryptionForLinux
        AzureMonitorWindowsAgent AzureMonitorLinuxAgent CustomScriptExtension CustomScript
        MicrosoftMonitoringAgent OmsAgentForLinux IaaSAntimalware BGInfo GuestAttestation
        """
    ),
    "backuppolicies": _set("DefaultPolicy EnhancedPolicy HourlyLogBackup"),
    "backupencryptionconfigs": _set("backupResourceEncryptionConfig"),
    "backupstorageconfig": _set("vaultstorageconfig"),
}
"""Names that Azure itself gives, by the type of the resource, all in lower case."""

REGIONS: Final = _set(
    """
    global eastus eastus2 eastus3 centralus northcentralus southcentralus westcentralus westus
    westus2 westus3 canadacentral canadaeast brazilsouth brazilsoutheast mexicocentral chilecentral
    northeurope westeurope uksouth ukwest francecentral francesouth germanywestcentral germanynorth
    norwayeast norwaywest swedencentral swedensouth switzerlandnorth switzerlandwest polandcentral
    italynorth spaincentral austriaeast belgiumcentral denmarkeast greececentral finlandcentral
    uaenorth uaecentral qatarcentral israelcentral saudiarabiaeast southafricanorth southafricawest
    eastasia southeastasia japaneast japanwest koreacentral koreasouth centralindia southindia
    westindia jioindiawest jioindiacentral australiaeast australiasoutheast australiacentral
    australiacentral2 newzealandnorth indonesiacentral malaysiawest malaysiasouth taiwannorth
    chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3 usgovvirginia usgovtexas
    usgovarizona usgoviowa usdodeast usdodcentral eastus2euap centraluseuap
    """
)
"""Azure's regions, in the form of `location`."""

KNOWN_GUIDS: Final = _set(
    """
    00000000-0000-0000-0000-000000000000 262044b1-e2ce-469f-a196-69ab7ada62d3
    ff281ffe-705c-4f53-9f37-a40e6f2c68f3 00482a5a-887f-4fb3-b363-3b7fe8e74483
    8e3af657-a8ff-443c-a75c-2fe8c4bcb635 b24988ac-6180-42a0-ab88-20f7382dd24c
    acdd72a7-3385-48ef-bd42-f606fba81ae7 5e467623-bb1f-42f4-a55d-6e525e11384b
    """
)
"""GUIDs that are the same for every customer.

They are Azure Backup's applications and the built-in roles (Key Vault Administrator, Owner,
Contributor, Reader, Backup Contributor).
"""

KNOWN_ADDRESSES: Final = frozenset(
    {"0.0.0.0", "127.0.0.1", "168.63.129.16", "169.254.169.254", "255.255.255.255"}  # noqa: S104
)
"""Addresses that are the same in every network: the platform's own, and those of no machine."""

PUBLIC_HOSTS: Final = _set(
    """
    aka.ms go.microsoft.com learn.microsoft.com docs.microsoft.com azure.microsoft.com
    support.microsoft.com schema.management.azure.com msdn.microsoft.com technet.microsoft.com
    """
)
"""Public hosts, which any error text may name."""

HOST_SUFFIXES: Final = (
    ".blob.core.windows.net",
    ".file.core.windows.net",
    ".queue.core.windows.net",
    ".table.core.windows.net",
    ".vault.azure.net",
    ".blob.storage.azure.net",
    ".backup.windowsazure.com",
    ".cloudapp.azure.com",
    ".windows.net",
    ".azure.net",
    ".azure.com",
)
"""The ends of hosts that tell the purpose of a host, but not its owner. The longest come first."""

HEADERS: Final = _set(
    """
    azure-asyncoperation cache-control connection content-encoding content-length content-location
    content-type date expires location pragma retry-after server strict-transport-security
    transfer-encoding vary x-content-type-options x-cache x-msedge-ref x-ms-arm-service-request-id
    x-ms-client-request-id x-ms-correlation-request-id x-ms-failure-cause x-ms-original-request-ids
    x-ms-operation-identifier x-ms-request-charge x-ms-request-id x-ms-routing-request-id
    x-ms-served-by operation-location etag
    """
)
"""Headers that stay, besides those of rate limits. Others may come from a proxy or be cookies."""

PLAIN_HEADERS: Final = _set(
    """
    cache-control connection content-encoding content-length content-type date expires pragma
    retry-after strict-transport-security transfer-encoding vary x-content-type-options
    x-ms-request-charge
    """
)
"""Headers whose values stay if they have the form that the protocol gives them."""
